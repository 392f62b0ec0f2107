using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Sluice.Pipeline.Net;

namespace Pipeline.Tests.Net;

public sealed class PollerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly byte[] Some = [1, 2, 3];

    private readonly Poller _poller = new Poller("test").Start();
    private readonly Socket _here;
    private readonly Socket _there = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public PollerTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _there.Connect(listener.LocalEndPoint!);
        _here = listener.Accept();
        _here.Blocking = false;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
        _poller.Dispose();
    }

    [Fact]
    public async Task Who_awaits_is_woken_by_bytes_again_by_more_and_by_the_end()
    {
        using var polled = new PolledSocket(_poller, _here);
        for (var i = 0; i < 100; i++)
        {
            var wait = polled.WaitAsync(Stop).AsTask();
            Assert.False(wait.IsCompleted);
            _there.Send(Some);
            await wait.WaitAsync(Limit, Stop);
            Assert.Equal(Some.Length, _here.Receive(new byte[16]));
        }
        _there.Shutdown(SocketShutdown.Send);
        await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
        Assert.Equal(0, _here.Receive(new byte[16]));
    }

    [Fact]
    public async Task What_came_before_it_was_awaited_wakes_too()
    {
        _there.Send(Some);
        _there.Shutdown(SocketShutdown.Send);
        using var polled = new PolledSocket(_poller, _here);
        await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
        Assert.Equal(Some.Length, _here.Receive(new byte[16]));
        await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
        Assert.Equal(0, _here.Receive(new byte[16]));
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_spoils_none_after_it()
    {
        using var polled = new PolledSocket(_poller, _here);
        for (var i = 0; i < 200; i++)
        {
            using var cancelling = new CancellationTokenSource();
            var wait = polled.WaitAsync(cancelling.Token).AsTask();
            if (i % 2 == 0) _there.Send(Some);   // which of the two ends the wait is open
            await cancelling.CancelAsync();
            Assert.Same(wait, await Task.WhenAny(wait, Task.Delay(Limit, Stop)));
            if (i % 2 == 1) Assert.True(wait.IsCanceled);
            if (i % 2 == 0) await ReceiveAsync(polled, Some.Length);
        }
        using var over = new CancellationTokenSource();
        await over.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await polled.WaitAsync(over.Token));
    }

    [Fact]
    public async Task One_that_wants_no_more_is_not_called_again_whatever_lies_there()
    {
        var tired = new Counting(_here, calls: 2);
        _poller.Add(tired, Epoll.Readable);
        _there.Send(Some);
        await tired.Calls.Reader.ReadAsync(Stop);
        await tired.Calls.Reader.ReadAsync(Stop);   // the bytes are still there, so it is asked again at once
        using var other = new PollerTests();
        using var polled = new PolledSocket(_poller, other._here);
        other._there.Send(Some);
        await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
        Assert.False(tired.Calls.Reader.TryRead(out _));
        Assert.Equal(1, _poller.Count);
    }

    /// <summary>Its owner may close it on hearing that it is over, while the poller is about to leave it: the thread, and with it the server, had ended by that.</summary>
    [Fact]
    public async Task One_that_is_closed_as_it_is_left_ends_nobody_else()
    {
        var closing = new Closing(_here);
        _poller.Add(closing, Epoll.Readable);
        _there.Send(Some);
        await closing.Closed.Task.WaitAsync(Limit, Stop);
        using var other = new PollerTests();
        using var polled = new PolledSocket(_poller, other._here);
        other._there.Send(Some);
        await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
        Assert.Equal(1, _poller.Count);
    }

    [Fact]
    public async Task A_connection_that_breaks_while_nobody_waits_is_told_to_who_asks()
    {
        using var polled = new PolledSocket(_poller, _here);
        _there.LingerState = new LingerOption(true, 0);
        _there.Dispose();
        using var other = new PollerTests();
        using var awaited = new PolledSocket(_poller, other._here);
        other._there.Send(Some);
        await awaited.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
        Assert.Throws<SocketException>(() => _here.Receive(new byte[16]));
        await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);   // and who asks is told
    }

    private async Task ReceiveAsync(PolledSocket polled, int count)
    {
        for (var got = 0; got < count;)
        {
            await polled.WaitAsync(Stop).AsTask().WaitAsync(Limit, Stop);
            got += _here.Receive(new byte[16]);
        }
    }

    private sealed class Counting(Socket socket, int calls) : IPolled
    {
        private int _left = calls;

        public Channel<int> Calls { get; } = Channel.CreateUnbounded<int>();

        public Socket Socket => socket;

        public bool OnReadable()
        {
            Calls.Writer.TryWrite(_left);
            return --_left > 0;
        }
    }

    private sealed class Closing(Socket socket) : IPolled
    {
        public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Socket Socket => socket;

        public bool OnReadable()
        {
            socket.Dispose();
            Closed.SetResult();
            return false;
        }
    }
}
