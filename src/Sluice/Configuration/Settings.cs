using Microsoft.Extensions.Logging;
using Sluice.Pipeline;

namespace Sluice.Configuration;

/// <summary>The table of every setting: its key, its kind of value, and where it goes. The loader, the overrides and the test of
/// the manual (<c>sluice.yaml</c>) all read this one; defaults stand in the records.</summary>
internal static class Settings
{
    private static readonly Section<NodeOptions> Node = new(
        Row.Value("id", Values.Name, (NodeOptions o, string v) => o with { Id = v }),
        Row.Value("region", Values.Name, (NodeOptions o, string v) => o with { Region = v }));

    private static readonly Section<ListenOptions> Listen = new(
        Row.Value("rtmp", Values.Endpoint, (ListenOptions o, System.Net.IPEndPoint? v) => o with { Rtmp = v }),
        Row.Value("http", Values.Endpoint, (ListenOptions o, System.Net.IPEndPoint? v) => o with { Http = v }),
        Row.Value("rtmps", Values.Endpoint, (ListenOptions o, System.Net.IPEndPoint? v) => o with { Rtmps = v }),
        Row.Value("https", Values.Endpoint, (ListenOptions o, System.Net.IPEndPoint? v) => o with { Https = v }));

    private static readonly Section<TlsOptions> Tls = new(
        Row.Value("cert", Values.TextOrNone, (TlsOptions o, string? v) => o with { Cert = v }),
        Row.Value("key", Values.TextOrNone, (TlsOptions o, string? v) => o with { Key = v }));

    private static readonly Section<LogOptions> Log = new(
        Row.Value(
            "level",
            Values.OneOf(("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warn", LogLevel.Warning), ("error", LogLevel.Error)),
            (LogOptions o, LogLevel v) => o with { Level = v }),
        Row.Value("format", Values.Word, (LogOptions o, LogFormat v) => o with { Format = v }));

    private static readonly Setting<AccessOptions>[] StreamAccessRows =
    [
        Row.Value("publish", Values.Word, (AccessOptions o, AccessRule v) => o with { Publish = v }),
        Row.Value("play", Values.Word, (AccessOptions o, AccessRule v) => o with { Play = v }),
        Row.Value("publishKey", Values.TextOrNone, (AccessOptions o, string? v) => o with { PublishKey = v }),
        Row.Value("playKey", Values.TextOrNone, (AccessOptions o, string? v) => o with { PlayKey = v }),
    ];

    private static readonly Section<AccessOptions> StreamAccess = new(StreamAccessRows);

    private static readonly Section<AccessOptions> Access = new(
    [
        .. StreamAccessRows,
        Row.Value("api", Values.Word, (AccessOptions o, AccessRule v) => o with { Api = v }),
        Row.Value("apiKey", Values.TextOrNone, (AccessOptions o, string? v) => o with { ApiKey = v }),
    ]);

    private static readonly Section<EgressOptions> Egress = new(
        Row.Value("tick", Values.DurationOrAuto(Ms(5), Ms(1000)), (EgressOptions o, TimeSpan? v) => o with { Tick = v }),
        Row.Value("maxLag", Values.Duration(Ms(500), Seconds(300)), (EgressOptions o, TimeSpan v) => o with { MaxLag = v }));

    private static readonly Section<PlayOptions> Play = new(
        Row.Value("gopCache", Values.Duration(default, Seconds(120)), (PlayOptions o, TimeSpan v) => o with { GopCache = v }),
        Row.Value("gopCacheBytes", Values.Size(64 << 10, 1L << 30), (PlayOptions o, long v) => o with { GopCacheBytes = v }),
        Row.Value("join", Join, (PlayOptions o, JoinPolicy v) => o with { Join = v }),
        Row.Value("wait", Values.Duration(default, Seconds(60)), (PlayOptions o, TimeSpan v) => o with { Wait = v }));

    private static readonly Section<SwitchOptions> Switch = new(
        Row.Value("mode", Values.Word, (SwitchOptions o, SwitchMode v) => o with { Mode = v }),
        Row.Value("delay", Values.DurationOrAuto(default, Seconds(60)), (SwitchOptions o, TimeSpan? v) => o with { Delay = v }),
        Row.Value("silence", Values.Duration(Ms(50), Seconds(60)), (SwitchOptions o, TimeSpan v) => o with { Silence = v }),
        Row.Value("hold", Values.Duration(default, Seconds(3600)), (SwitchOptions o, TimeSpan v) => o with { Hold = v }),
        Row.Value("clear", Values.Duration(default, Seconds(3600)), (SwitchOptions o, TimeSpan v) => o with { Clear = v }),
        Row.Value("prefer", Values.Word, (SwitchOptions o, SwitchPreference v) => o with { Prefer = v }),
        Row.Value("end", Values.Duration(default, Seconds(86400)), (SwitchOptions o, TimeSpan v) => o with { End = v }));

    private static readonly Section<SourceOptions> Source = new(
        Row.Value("name", Values.Name, (SourceOptions o, string v) => o with { Name = v }, required: true),
        Row.Value("publish", Addresses.Path, (SourceOptions o, string? v) => o with { Publish = v }),
        Row.Value("pull", Addresses.PullUrl, (SourceOptions o, string? v) => o with { Pull = v }),
        Row.Value("caFile", Values.TextOrNone, (SourceOptions o, string? v) => o with { Trust = o.Trust with { CaFile = v } }),
        Row.Value("insecure", Values.YesOrNo, (SourceOptions o, bool v) => o with { Trust = o.Trust with { Insecure = v } }),
        Row.Value("priority", Values.Number(0, 1_000_000), (SourceOptions o, int v) => o with { Priority = v }),
        Row.Value("key", Values.TextOrNone, (SourceOptions o, string? v) => o with { Key = v }));

    private static readonly Section<PushOptions> Push = new(
        Row.Value("name", Values.Name, (PushOptions o, string v) => o with { Name = v }, required: true),
        Row.Value("url", Addresses.PushUrl, (PushOptions o, string v) => o with { Url = v }, required: true),
        Row.Value("caFile", Values.TextOrNone, (PushOptions o, string? v) => o with { Trust = o.Trust with { CaFile = v } }),
        Row.Value("insecure", Values.YesOrNo, (PushOptions o, bool v) => o with { Trust = o.Trust with { Insecure = v } }));

    private static readonly Section<StreamOptions> Stream = new(
        Row.List("sources", Source, new SourceOptions { Name = "" }, (StreamOptions o, IReadOnlyList<SourceOptions> v) => o with { Sources = v }),
        Row.Section("switch", Switch, (StreamOptions o) => o.Switch, (o, v) => o with { Switch = v }),
        Row.Section("play", Play, (StreamOptions o) => o.Play, (o, v) => o with { Play = v }),
        Row.List("push", Push, new PushOptions("", ""), (StreamOptions o, IReadOnlyList<PushOptions> v) => o with { Push = v }),
        Row.Section("access", StreamAccess, (StreamOptions o) => o.Access, (o, v) => o with { Access = v }));

    /// <summary>The whole file. <c>streams</c> comes last: its entries start from <c>play</c>.</summary>
    public static readonly Section<SluiceOptions> Root = new(
        Row.Section("node", Node, (SluiceOptions o) => o.Node, (o, v) => o with { Node = v }),
        Row.Section("listen", Listen, (SluiceOptions o) => o.Listen, (o, v) => o with { Listen = v }),
        Row.Section("tls", Tls, (SluiceOptions o) => o.Tls, (o, v) => o with { Tls = v }),
        Row.Value("data", Values.Text, (SluiceOptions o, string v) => o with { Data = v }),
        Row.Section("log", Log, (SluiceOptions o) => o.Log, (o, v) => o with { Log = v }),
        Row.Section("access", Access, (SluiceOptions o) => o.Access, (o, v) => o with { Access = v }),
        Row.Section("egress", Egress, (SluiceOptions o) => o.Egress, (o, v) => o with { Egress = v }),
        Row.Section("play", Play, (SluiceOptions o) => o.Play, (o, v) => o with { Play = v }),
        new Setting<SluiceOptions>("streams", new EntriesShape(Stream), ReadStreams));

    private static SluiceOptions ReadStreams(SluiceOptions options, Place place)
    {
        if (place.Node.Kind is NodeKind.Text or NodeKind.List)
        {
            place.Report("must be a section with an entry for each stream: app/name:");
            return options;
        }

        if (place.Node.Children.Count == 0) return options;
        var start = new StreamOptions { Play = options.Play };
        return options with { Streams = [.. place.Node.Children.Select(child => new StreamEntry(child.Key, Stream.Read(place.Child(child.Key, child.Node), start)))] };
    }

    private static string? Join(string text, out JoinPolicy value)
    {
        value = JoinPolicy.Live;
        if (text == "live") return null;
        if (text == "instant")
        {
            value = JoinPolicy.Instant;
            return null;
        }
        if (Values.Duration(default, Seconds(60))(text, out var behind) is { } expected) return $"live, instant or {expected}";
        value = new JoinPolicy(behind);
        return null;
    }

    private static TimeSpan Ms(int count) => TimeSpan.FromMilliseconds(count);

    private static TimeSpan Seconds(int count) => TimeSpan.FromSeconds(count);
}
