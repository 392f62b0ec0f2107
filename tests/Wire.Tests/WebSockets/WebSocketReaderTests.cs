using System.Buffers;
using Sluice.Wire.WebSockets;

namespace Wire.Tests.WebSockets;

public sealed class WebSocketReaderTests
{
    /// <summary>"Hello" under the mask of RFC 6455 §5.7.</summary>
    private const string MaskedHello = "37FA213D7F9F4D5158";

    [Fact]
    public void Control_frames_come_out_between_data_at_every_split()
    {
        // A text in two pieces with a ping between them, a binary of 300 bytes, a close with its code.
        var bytes = Convert.FromHexString($"0183{"00000000"}414243" + $"8985{MaskedHello}" + "808100000000" + "44" + "82FE012C01020304" + new string('7', 600) + "8882" + "01020304" + "02EA");
        for (var split = 0; split <= bytes.Length; split++)
        {
            var reader = new WebSocketReader();
            string[] seen = [.. Read(reader, bytes.AsSpan(0, split)), .. Read(reader, bytes.AsSpan(split))];
            Assert.Equal(["Ping 48656C6C6F", "Close 03E8"], seen);
        }
    }

    [Theory]
    [InlineData("8105", "not masked")]
    [InlineData("C185", "extension")]
    [InlineData("0985", "in pieces")]
    [InlineData("89FE", "longer than 125")]
    [InlineData("8085", "continues nothing")]
    [InlineData("01810000000041" + "8181", "inside another")]
    [InlineData("8385", "unknown opcode")]
    [InlineData("82FF0000000000010001" + "00000000", "longer than 65536")]
    [InlineData("82FFFFFFFFFFFFFFFFFF" + "00000000", "longer than 65536")]
    public void What_is_no_frame_of_a_client_ends_the_reading(string bytes, string reason)
    {
        var reader = new WebSocketReader();
        Assert.Equal(OperationStatus.InvalidData, reader.Read(Convert.FromHexString(bytes), out _, out _));
        Assert.Contains(reason, reader.Error);
    }

    [Fact]
    public void Noise_is_never_taken_for_long_nor_throws()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            var reader = new WebSocketReader();
            foreach (var frame in Read(reader, bytes)) Assert.True(frame.Length <= "Close ".Length + 2 * WebSocketFrame.MaxControlPayload);
        }
    }

    private static List<string> Read(WebSocketReader reader, ReadOnlySpan<byte> bytes)
    {
        var seen = new List<string>();
        while (reader.Read(bytes, out var consumed, out var opcode) == OperationStatus.Done)
        {
            seen.Add($"{opcode} {Convert.ToHexString(reader.Payload)}");
            bytes = bytes[consumed..];
        }
        return seen;
    }
}
