using System.Net.Sockets;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>What lies between an <c>SslStream</c> and its socket: reads come from the socket; writes go to it during the handshake and are kept after that, for whoever sends.</summary>
/// <remarks>
/// A kept write ends at once, so encrypting never waits, and several TLS records leave with one send. Writing and sending come from one thread at a time; the
/// lock is for the few records that the reading side makes itself (a key update).
/// </remarks>
internal sealed class TlsTransport(Socket socket) : Stream
{
    private readonly Lock _gate = new();
    private readonly SendBuffer _kept = new();
    private int _sent;
    private bool _keeps;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Encrypted bytes that the socket has not taken yet.</summary>
    public int Kept
    {
        get { lock (_gate) return _kept.WrittenCount - _sent; }
    }

    /// <summary>The handshake is done: from now on writes are kept.</summary>
    public void Keep() => _keeps = true;

    /// <summary>Sends what is kept, as far as the socket takes it without waiting. False with an <paramref name="error"/> when the other side is gone.</summary>
    public bool TrySend(out SocketError error)
    {
        lock (_gate)
        {
            error = SocketError.Success;
            while (_sent < _kept.WrittenCount)
            {
                var count = socket.Send(_kept.WrittenSpan[_sent..], SocketFlags.None, out error);
                if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable or SocketError.Interrupted) return true;
                if (error != SocketError.Success) return false;
                _sent += count;
            }
            Forget();
            return true;
        }
    }

    /// <summary>Sends all that is kept, waiting for the socket.</summary>
    public async ValueTask SendAsync(CancellationToken stop)
    {
        byte[] bytes;
        lock (_gate)
        {
            bytes = _kept.WrittenSpan[_sent..].ToArray();
            Forget();
        }
        await SendAsync(bytes, stop).ConfigureAwait(false);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_keeps) return SendAsync(buffer, cancellationToken);
        lock (_gate)
        {
            buffer.Span.CopyTo(_kept.GetSpan(buffer.Length));
            _kept.Advance(buffer.Length);
        }
        return ValueTask.CompletedTask;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
        // Whoever sends decides when.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        lock (_gate) Forget();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, stop).ConfigureAwait(false)..];
    }

    private void Forget()
    {
        _kept.Clear();
        _sent = 0;
    }
}
