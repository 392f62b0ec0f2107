using Sluice.Wire.WebSockets;

namespace Wire.Tests.WebSockets;

public sealed class WebSocketFrameTests
{
    /// <summary>The example of RFC 6455 §1.3.</summary>
    [Fact]
    public void A_key_is_answered() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketHandshake.Accept("dGhlIHNhbXBsZSBub25jZQ=="));

    [Theory]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", true)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZTEy", false)]
    [InlineData("////////////////////////", false)]
    [InlineData("", false)]
    public void A_key_is_sixteen_bytes(string key, bool expected) => Assert.Equal(expected, WebSocketHandshake.IsKey(key));

    [Theory]
    [InlineData(0, "8200")]
    [InlineData(125, "827D")]
    [InlineData(126, "827E007E")]
    [InlineData(65535, "827EFFFF")]
    [InlineData(65536, "827F0000000000010000")]
    public void A_head_has_the_shortest_length_that_holds(int payload, string expected)
    {
        var head = new byte[WebSocketFrame.MaxHead];
        var length = WebSocketFrame.WriteHead(head, WebSocketOpcode.Binary, payload);
        Assert.Equal(expected, Convert.ToHexString(head.AsSpan(0, length)));
    }

    [Fact]
    public void Control_frames_are_whole()
    {
        Assert.Equal("8A0548656C6C6F", Convert.ToHexString(WebSocketFrame.Pong("Hello"u8)));
        Assert.Equal("880203EA", Convert.ToHexString(WebSocketFrame.Close(WebSocketCloseCode.ProtocolError)));
    }
}
