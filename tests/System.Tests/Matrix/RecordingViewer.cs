using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fixtures;
using Sluice.Pipeline.Ingest;
using Sluice.Wire.Flv;

namespace System.Tests.Matrix;

/// <summary>A viewer over HTTP-FLV on a thread of its own, which notes when each frame came and keeps all bytes.</summary>
internal sealed class RecordingViewer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Stopwatch _clock;
    private readonly Thread _thread;
    private readonly MemoryStream _bytes = new();
    private readonly FlvReader _reader = new();
    private string _end = "";

    /// <param name="clock">Whose milliseconds the arrivals are in.</param>
    public RecordingViewer(int port, string path, Stopwatch clock)
    {
        _clock = clock;
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Send(Encoding.ASCII.GetBytes($"GET /{path}.flv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        _thread = new Thread(Run) { IsBackground = true, Name = "viewer", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    private Showing Showing { get; } = new(frame => Recording.Contents.Of(frame));

    /// <summary>Leaves, and writes what it got to <paramref name="path"/>.</summary>
    /// <exception cref="InvalidOperationException">The stream ended before.</exception>
    public Showing Finish(string path)
    {
        if (!_thread.IsAlive) throw new InvalidOperationException($"The viewer was cut off: {_end}");
        _socket.Shutdown(SocketShutdown.Both);
        _thread.Join();
        File.WriteAllBytes(path, _bytes.ToArray());
        return Showing;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _reader.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[64 << 10];
        try
        {
            var have = SkipHeaders(buffer);
            while (have > 0)
            {
                Take(buffer.AsSpan(0, have));
                have = _socket.Receive(buffer);
            }
            _end = _reader.Error ?? "it ended";
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            _end = error.Message;
        }
    }

    /// <returns>How many bytes of the body were received with the headers; they are moved to the front.</returns>
    private int SkipHeaders(byte[] buffer)
    {
        for (var have = 0; ;)
        {
            var count = _socket.Receive(buffer, have, buffer.Length - have, SocketFlags.None);
            if (count == 0) throw new IOException("there was no answer");
            have += count;
            var end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            if (!buffer.AsSpan().StartsWith("HTTP/1.1 200"u8)) throw new IOException(Encoding.ASCII.GetString(buffer, 0, end));
            buffer.AsSpan(end + 4, have - end - 4).CopyTo(buffer);
            if (have > end + 4) return have - end - 4;
            return _socket.Receive(buffer);
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        var at = _clock.ElapsedMilliseconds;
        _bytes.Write(bytes);
        while (_reader.Read(bytes, out var consumed, out var tag) == OperationStatus.Done)
        {
            bytes = bytes[consumed..];
            var read = FrameReader.Read((byte)tag.Type, tag.Time, tag.Body);
            if (read.Status == FrameReadStatus.Frame) Showing.Add(at, read.Frame);
            tag.Body.Release();
        }
    }
}
