using System.Net;
using System.Tests.Parts;

namespace System.Tests.Matrix;

/// <summary>A network of its own for one program, joined to this one by a pair of virtual cards: where packets can be lost without touching anybody else's.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Lazy<Task> LeftOvers = new(DeleteLeftOversAsync);
    private static int _last;

    private readonly string _name;
    private readonly string _card;
    private readonly string _network;

    private NetworkNamespace(int number)
    {
        _name = $"sluice-{Environment.ProcessId}-{number}";
        _card = $"sl{Environment.ProcessId % 100_000}n{number}";
        var network = (Environment.ProcessId * 16 + number) % 4096;
        _network = $"10.{213 + network / 256}.{network % 256}";
    }

    /// <summary>Our end of the wire.</summary>
    public IPAddress Address => IPAddress.Parse(Host(1));

    /// <summary>Null: it can be made here; else why not.</summary>
    public static string? WhyNot =>
        !Environment.IsPrivilegedProcess ? "network namespaces need root"
        : Sluice.Demo.Requirements.Find("nft") is null ? "nft (nftables) is not installed"
        : Sluice.Demo.Requirements.Find("tc") is null ? "tc (iproute2) is not installed"
        : null;

    private string Inside => _card + "i";

    public static async Task<NetworkNamespace> MakeAsync()
    {
        await LeftOvers.Value;
        var made = new NetworkNamespace(Interlocked.Increment(ref _last));
        await RunAsync("ip", "netns", "add", made._name);
        await RunAsync("ip", "link", "add", made._card, "type", "veth", "peer", "name", made.Inside, "netns", made._name);
        await RunAsync("ip", "address", "add", made.Host(1) + "/30", "dev", made._card);
        await RunAsync("ip", "link", "set", made._card, "up");
        await made.RunInsideAsync("ip", "address", "add", made.Host(2) + "/30", "dev", made.Inside);
        await made.RunInsideAsync("ip", "link", "set", made.Inside, "up");
        return made;
    }

    /// <summary>The arguments of <c>ip</c> that run a program inside; it takes over the process.</summary>
    public IEnumerable<string> Command(string program, IEnumerable<string> arguments) => ["netns", "exec", _name, program, .. arguments];

    /// <summary>From now on all that is sent inside vanishes; nobody is told.</summary>
    public async Task DropAsync()
    {
        await RunInsideAsync("nft", "add", "table", "inet", "lost");
        await RunInsideAsync("nft", "add", "chain", "inet", "lost", "out", "{ type filter hook output priority 0 ; policy drop ; }");
    }

    /// <summary>From now on the wire out of it carries so much.</summary>
    public Task LimitAsync(double bytesPerSecond) =>
        RunInsideAsync("tc", "qdisc", "add", "dev", Inside, "root", "tbf", "rate", $"{(long)(bytesPerSecond * 8)}bit", "burst", "16kb", "latency", "400ms");

    public async ValueTask DisposeAsync() => await RunAsync("ip", "netns", "delete", _name);

    /// <summary>Those of processes that were killed before they could delete them.</summary>
    private static async Task DeleteLeftOversAsync()
    {
        await using var list = await Tool.RunAsync("ip", Patience, "netns", "list");
        foreach (var name in list.Output.Split('\n').Select(line => line.Split(' ')[0].Trim()))
            if (name.Split('-') is ["sluice", var owner, _] && !Directory.Exists("/proc/" + owner)) await RunAsync("ip", "netns", "delete", name);
    }

    private string Host(int host) => $"{_network}.{host}";

    private Task RunInsideAsync(string program, params string[] arguments) => RunAsync("ip", [.. Command(program, arguments)]);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var tool = Tool.Start(program, arguments);
        if (await tool.WaitAsync(Patience) is not 0 and var code) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {tool.Errors}");
    }
}
