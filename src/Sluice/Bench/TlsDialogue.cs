using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using Sluice.Pipeline.Net;

namespace Sluice.Bench;

/// <summary>Another dialogue under TLS, without looking at the server's certificate. After the keyframe nothing is decrypted any more; encrypted bytes are counted.</summary>
/// <remarks>Driven by the viewer's thread alone: the cipher waits for bytes, and goes on within <see cref="Receive"/>.</remarks>
internal sealed class TlsDialogue : IDialogue
{
    private const int ReadSize = 16 << 10;

    private readonly Wire _wire;
    private readonly SslStream _cipher;
    private readonly Task _handshake;
    private readonly SendBuffer _output = new();
    private readonly Func<SendBuffer, IDialogue> _talk;
    private IDialogue? _inner;
    private Task<int>? _read;
    private byte[] _buffer = [];
    private string? _error;

    /// <param name="output">Where encrypted bytes go.</param>
    /// <param name="talk">Makes the dialogue within, once there is a connection to talk over.</param>
    public TlsDialogue(string host, IBufferWriter<byte> output, Func<SendBuffer, IDialogue> talk)
    {
        _talk = talk;
        _wire = new Wire(output);
        _cipher = new SslStream(_wire);
        _handshake = _cipher.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
    }

    public string? Error => _error ?? _inner?.Error;

    public DialogueStep Receive(ReadOnlySpan<byte> bytes)
    {
        _wire.Feed(bytes);
        if (!_handshake.IsCompleted) return DialogueStep.Waiting;
        if (_handshake.Exception?.InnerException is { } failure) return Fail(failure.Message);
        if (_inner is null)
        {
            (_inner, _buffer) = (_talk(_output), new byte[ReadSize]);
            Encrypt();
        }
        return Read();
    }

    public void OnDiscarded(long bytes)
    {
        _inner!.OnDiscarded(bytes);
        Encrypt();
    }

    public void Dispose()
    {
        _inner?.Dispose();
        _cipher.Dispose();
        _output.Clear();
    }

    private DialogueStep Read()
    {
        var step = DialogueStep.Waiting;
        while (true)
        {
            _read ??= _cipher.ReadAsync(_buffer).AsTask();
            if (!_read.IsCompleted) return step;
            if (_read.Exception?.InnerException is { } failure) return Fail(failure.Message);
            var count = _read.Result;
            _read = null;
            if (count == 0) return Fail("closed by the server");
            step = _inner!.Receive(_buffer.AsSpan(0, count));
            Encrypt();
            if (step is DialogueStep.Keyframe) _buffer = [];
            if (step is DialogueStep.Keyframe or DialogueStep.Failed) return step;
        }
    }

    /// <summary>The wire takes all at once, so that this never waits.</summary>
    private void Encrypt()
    {
        if (_output.WrittenCount == 0) return;
        _cipher.WriteAsync(_output.WrittenMemory).AsTask().GetAwaiter().GetResult();
        _output.Clear();
    }

    private DialogueStep Fail(string error)
    {
        _error = $"TLS: {error}";
        return DialogueStep.Failed;
    }

    /// <summary>What the cipher takes for its connection.</summary>
    private sealed class Wire(IBufferWriter<byte> output) : Stream
    {
        private readonly SendBuffer _input = new();
        private int _taken;
        private TaskCompletionSource<int>? _waiting;
        private Memory<byte> _wanted;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Feed(ReadOnlySpan<byte> bytes)
        {
            _input.Write(bytes);
            if (_waiting is not { } waiting) return;
            _waiting = null;
            waiting.SetResult(Take(_wanted.Span));
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_input.WrittenCount > _taken) return new(Take(buffer.Span));
            (_wanted, _waiting) = (buffer, new TaskCompletionSource<int>());
            return new(_waiting.Task);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            output.Write(buffer.Span);
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
            // The viewer sends when the cipher has written.
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        protected override void Dispose(bool disposing) => _input.Clear();

        private int Take(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, _input.WrittenCount - _taken);
            _input.WrittenSpan.Slice(_taken, count).CopyTo(buffer);
            _taken += count;
            if (_taken < _input.WrittenCount) return count;
            _input.Clear();
            _taken = 0;
            return count;
        }
    }
}
