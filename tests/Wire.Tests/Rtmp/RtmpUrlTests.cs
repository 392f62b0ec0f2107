using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

public class RtmpUrlTests
{
    [Theory]
    [InlineData("rtmp://h/live/show", "h", 1935, "live", "show", "rtmp://h/live")]
    [InlineData("rtmp://h:1936/live/show?key=a%20b&c=/d", "h", 1936, "live", "show?key=a%20b&c=/d", "rtmp://h:1936/live")]
    [InlineData("rtmp://h/a/b/c", "h", 1935, "a/b", "c", "rtmp://h/a/b")]
    [InlineData("rtmps://h/live/show", "h", 443, "live", "show", "rtmps://h/live")]
    [InlineData("rtmp://[::1]:5000/live/show", "::1", 5000, "live", "show", "rtmp://[::1]:5000/live")]
    public void A_URL_is_taken_apart(string text, string host, int port, string app, string name, string tcUrl)
    {
        var url = RtmpUrl.Parse(text, out var reason);
        Assert.Null(reason);
        Assert.Equal((host, port, app, name, tcUrl), (url!.Host, url.Port, url.App, url.Name, url.TcUrl));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://h/live/show")]
    [InlineData("rtmp://")]
    [InlineData("rtmp:///live/show")]
    [InlineData("rtmp://h")]
    [InlineData("rtmp://h/live")]
    [InlineData("rtmp://h/live/")]
    [InlineData("rtmp://h:99999/live/show")]
    public void What_is_no_such_URL_gets_a_reason(string text)
    {
        Assert.Null(RtmpUrl.Parse(text, out var reason));
        Assert.NotNull(reason);
    }
}
