using System.Net;
using System.Net.Sockets;
using System.Tests.Parts;
using Fixtures;
using Microsoft.Extensions.Logging;
using Sluice.Configuration;

namespace System.Tests;

/// <summary>Bad input at the TLS addresses: closed in time, told in few lines, and nobody else notices.</summary>
public sealed class TlsHostileTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _certificates = new();
    private readonly CollectedLines _lines = new();

    private SluiceOptions Options => new() { Tls = new TlsOptions { Cert = _certificates.Cert, Key = _certificates.Key } };

    public void Dispose()
    {
        _lines.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("rtmps", "\u0003 and more", "it speaks RTMP without TLS")]
    [InlineData("rtmps", "GET / HTTP/1.1\r\n\r\n", "it speaks no TLS")]
    [InlineData("rtmps", "\u0016\u0003\u0001\u0000\u0010garbage-garbage-garbage", "TLS handshake failed")]
    [InlineData("https", "\u0003 and more", "it speaks no TLS")]
    [InlineData("https", "GET /live/x.flv HTTP/1.1\r\nHost: x\r\n\r\n", "it speaks no TLS; listen.http is for that")]
    [InlineData("https", "\u0016\u0003\u0001\u0000\u0010garbage-garbage-garbage", "its TLS handshake failed")]
    [InlineData("http", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000", "it speaks TLS; listen.https is for that")]
    [InlineData("rtmp", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000", "It speaks TLS, not RTMP")]
    public async Task What_does_not_belong_to_an_address_is_closed_and_told(string address, string bytes, string expected)
    {
        await using var server = await TestServer.StartAsync(Options, IPAddress.Loopback, _lines);
        using var socket = await ConnectAsync(Port(server, address));
        await socket.SendAsync(Text.Encoding.Latin1.GetBytes(bytes));
        await UntilClosedAsync(socket).WaitAsync(Limit);
        await UntilAsync(() => _lines.All.Any(line => line.Contains(expected, StringComparison.Ordinal)), () => string.Join('\n', _lines.All));
    }

    [Theory]
    [InlineData("rtmps")]
    [InlineData("https")]
    public async Task Hundreds_of_half_handshakes_are_closed_in_time_in_few_lines_and_a_viewer_loses_nothing(string address)
    {
        await using var server = await TestServer.StartAsync(Options, IPAddress.Loopback, _lines);
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        var probe = Ffmpeg.ProbeAsync(server.Rtmps("live/x"), 9);
        var sockets = new List<Socket>();
        for (var i = 0; i < 300; i++)
        {
            sockets.Add(await ConnectAsync(Port(server, address)));
            if (i % 2 == 0) await sockets[i].SendAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3 });
        }
        await Task.WhenAll(sockets.Select(UntilClosedAsync)).WaitAsync(Limit);
        foreach (var socket in sockets) socket.Dispose();
        Assert.InRange(_lines.All.Count(line => line.Contains("handshake", StringComparison.Ordinal)), 1, 12);
        var seen = await probe;
        Assert.InRange(seen.Video.Count, 200, 300);
        for (var i = 1; i < seen.Video.Count; i++) Assert.InRange(seen.Video[i].Dts - seen.Video[i - 1].Dts, 0.03, 0.05);
    }

    private static int Port(TestServer server, string address) => ((IPEndPoint)server.Host.Bound.Single(bound => bound.Name == address).Address).Port;

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task UntilClosedAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[4096]) > 0) continue;
        }
        catch (SocketException)
        {
            // A reset is a close too.
        }
    }

    private static async Task UntilAsync(Func<bool> happened, Func<string> state)
    {
        for (var tries = 0; !happened(); tries++)
        {
            Assert.True(tries < 200, state());
            await Task.Delay(50);
        }
    }

    /// <summary>The server's log, line by line.</summary>
    private sealed class CollectedLines : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> All
        {
            get { lock (_lines) return [.. _lines]; }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            lock (_lines) _lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
