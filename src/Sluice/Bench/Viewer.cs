using System.Diagnostics;
using System.Net.Sockets;
using Sluice.Pipeline.Net;

namespace Sluice.Bench;

/// <summary>One connection of the load, and what it saw. Belongs to the thread of its <see cref="ViewerLoop"/>; its numbers are read when that has ended.</summary>
/// <param name="probe">Null: after its first keyframe it only counts bytes.</param>
internal sealed class Viewer(int index, LatencyProbe? probe) : IDisposable
{
    private readonly SendBuffer _output = new();
    private Socket? _socket;
    private IDialogue? _dialogue;
    private DialogueStep _step;
    private long _opened;
    private long _lastByte;
    private long _bytes;
    private long _longestGap;
    private double? _firstByte;
    private double? _firstKeyframe;

    public int Index => index;

    /// <summary>Bytes within the measuring window.</summary>
    public long WindowBytes { get; private set; }

    /// <summary>Milliseconds from opening the connection to its first media; null where there was none.</summary>
    public double? FirstByte => _firstByte;

    /// <summary>Milliseconds from opening the connection to its first whole keyframe; null where there was none.</summary>
    public double? FirstKeyframe => _firstKeyframe;

    /// <summary>The longest time within the window without a byte, in milliseconds.</summary>
    public double LongestGap => _longestGap * 1000.0 / Stopwatch.Frequency;

    /// <summary>Why the connection ended; null while it stands.</summary>
    public string? Lost { get; private set; }

    public void Open(PlayTarget target, Epoll epoll)
    {
        _opened = Stopwatch.GetTimestamp();
        try
        {
            _socket = target.Open(index);
            if ((LoadSocket.Connect(_socket, target.Address) ?? epoll.Add(_socket, Epoll.Readable | Epoll.Writable, index)) is { } error) Lose(error);
        }
        catch (SocketException error)
        {
            Lose(error.Message);
        }
    }

    /// <summary>Its socket is ready at <paramref name="now"/>.</summary>
    public void OnReady(PlayTarget target, Epoll epoll, byte[] scratch, PlayWindow window, long now)
    {
        if (Lost is not null) return;
        if (_dialogue is null)
        {
            OnConnected(target, epoll);
            return;
        }
        string? error = null;
        var count = _step == DialogueStep.Keyframe ? LoadSocket.Discard(_socket!, out error) : Receive(scratch, out error);
        if (error is not null) Lose(error);
        else if (count == 0) Lose("closed by the server");
        if (count <= 0) return;

        _bytes += count;
        if (now >= window.Start) CountGap(window, now);
        if (now >= window.Start) WindowBytes += count;
        _lastByte = now;
        if (_step == DialogueStep.Keyframe) _dialogue.OnDiscarded(_bytes);
        else Understand(scratch.AsSpan(0, (int)count));
        Flush();
    }

    /// <summary>The window has ended.</summary>
    public void Finish(PlayWindow window)
    {
        CountGap(window, window.End);
        Dispose();
    }

    public void Dispose()
    {
        _dialogue?.Dispose();
        _socket?.Dispose();
        _output.Clear();
    }

    private void CountGap(PlayWindow window, long now) => _longestGap = Math.Max(_longestGap, now - Math.Max(_lastByte, window.Start));

    private void OnConnected(PlayTarget target, Epoll epoll)
    {
        var error = (SocketError)(int)_socket!.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            Lose(new SocketException((int)error).Message);
            return;
        }
        epoll.Modify(_socket, Epoll.Readable, index);
        _dialogue = target.Talk(_output, probe);
        Flush();
    }

    private long Receive(byte[] scratch, out string? error)
    {
        var count = _socket!.Receive(scratch, 0, scratch.Length, SocketFlags.None, out var code);
        error = code is SocketError.Success or SocketError.WouldBlock ? null : code.ToString();
        return code == SocketError.Success ? count : -1;
    }

    private void Understand(ReadOnlySpan<byte> bytes)
    {
        _step = _dialogue!.Receive(bytes);
        if (_step == DialogueStep.Failed) Lose(_dialogue.Error!);
        if (_step >= DialogueStep.Media) _firstByte ??= Stopwatch.GetElapsedTime(_opened).TotalMilliseconds;
        if (_step is DialogueStep.Keyframe or DialogueStep.Watching) _firstKeyframe ??= Stopwatch.GetElapsedTime(_opened).TotalMilliseconds;
    }

    /// <summary>What a viewer says is so little that the socket always has room for it.</summary>
    private void Flush()
    {
        if (_output.WrittenCount == 0 || Lost is not null) return;
        var sent = _socket!.Send(_output.WrittenSpan, SocketFlags.None, out var error);
        if (error != SocketError.Success) Lose(error.ToString());
        else if (sent < _output.WrittenCount) Lose("the server does not read");
        _output.Clear();
    }

    private void Lose(string reason)
    {
        Lost = reason;
        Dispose();
    }
}
