using System.Tests.Parts;
using Sluice.Pipeline;

namespace System.Tests.Browser;

/// <summary>A stream to watch: how it switches, what may be seen of that, and by which player.</summary>
public sealed record Watched(string Path, SwitchOptions Switch, Limits Limits, Player Player);

/// <summary>The cuts between two encodes, in either direction, in one mode.</summary>
/// <param name="Unjudged">Cuts at which the machine had no time for the browser.</param>
/// <param name="LongestPause">In milliseconds.</param>
public sealed record PairVerdict(string Mode, string Pair, int Judged, int Unjudged, double LongestPause)
{
    public override string ToString() => $"{Mode} {Pair}: {Judged} cuts judged, {Unjudged} not; longest pause {LongestPause:0} ms";
}

/// <summary>What came of a trial.</summary>
/// <param name="Faults">One line for each thing that was seen and should not have been.</param>
/// <param name="Calm">The share of the time between cuts, of all who watched, that could be judged.</param>
/// <param name="Logs">What players with faults wrote at that time.</param>
public sealed record TrialVerdict(IReadOnlyList<string> Faults, IReadOnlyList<PairVerdict> Pairs, double Calm, IReadOnlyList<string> Logs)
{
    public int Judged => Pairs.Sum(pair => pair.Judged);

    public override string ToString() => string.Join('\n', [.. Pairs.Select(pair => pair.ToString()), $"between them {Calm:0%} judged", .. Faults, .. Logs]);
}

/// <summary>Several streams on one server, watched side by side in one page, that are switched at the same time; and a control that is not.</summary>
public sealed class Trial : IAsyncDisposable
{
    /// <summary>From one cut to the next: delay, buffer and what belongs to a cut.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(4.5);

    /// <summary>Until pictures come, and until the last cut has come through delay and buffer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const string Control = "live/control";

    private readonly TestServer _server;
    private readonly Chromium _chromium;
    private readonly List<(Watched Watched, Show Show, Viewing Viewing)> _watched = [];
    private readonly List<Show> _shows = [];
    private Tool? _controlled;
    private Viewing? _control;
    private DateTime _began;
    private int _steps;

    private Trial(TestServer server, Chromium chromium) => (_server, _chromium) = (server, chromium);

    /// <param name="latency">How far the browser is from the server.</param>
    public static async Task<Trial> BeginAsync(Encodes encodes, IReadOnlyList<Watched> streams, TimeSpan latency = default)
    {
        var chromium = await Chromium.StartAsync();
        if (latency > TimeSpan.Zero) await chromium.MoveAwayAsync(latency);
        var trial = new Trial(await TestServer.StartAsync([.. streams.Select(stream => Show.Entry(stream.Path, stream.Switch))]), chromium);
        try
        {
            await trial.BeginAsync(encodes.Begin(), streams);
            return trial;
        }
        catch
        {
            await trial.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nothing is done until everybody has watched for <paramref name="time"/> from the first cut on.</summary>
    public async Task RestAsync(TimeSpan time)
    {
        if (_began + time - DateTime.UtcNow is { Ticks: > 0 } rest) await Task.Delay(rest);
    }

    /// <summary>All streams go from source to source, each named by its letter; each n-th time the encoder is killed, else the operator switches.</summary>
    public async Task GoAsync(string way, int killsEvery)
    {
        if (_steps == 0) _began = DateTime.UtcNow;
        foreach (var (from, to) in way.Zip(way[1..], (from, to) => ($"{from}", $"{to}")))
        {
            var pause = Task.Delay(Step);
            var kills = ++_steps % killsEvery == 0;
            await Task.WhenAll(_shows.Select(show => kills ? show.KillAsync(from, to) : show.SwitchAsync(to)));
            await pause;
        }
    }

    public async Task<TrialVerdict> VerdictAsync()
    {
        foreach (var (_, show, viewing) in _watched) await WaitForCutsAsync(viewing, (await show.SwitchesAsync()).Count);
        var control = await _control!.SeenAsync();
        var (faults, logs) = (new List<string>(), new List<string>());
        var (calm, calmJudged) = (0, 0);
        var judged = new List<(string Mode, string Pair, bool IsJudged, double Pause)>();
        foreach (var (watched, show, viewing) in _watched)
        {
            var seen = await viewing.SeenAsync();
            var name = $"{watched.Path} ({watched.Player})";
            faults.AddRange(seen.Errors.Select(error => $"{name}: {error.Kind} {error.Detail}"));
            if (!seen.IsPlaying) faults.Add($"{name} plays no longer at the end");
            var cuts = seen.Splices();
            var told = await show.SwitchesAsync();
            if (!told.Select(entry => (entry.From, entry.To)).SequenceEqual(cuts.Select(cut => (Name(cut.From), Name(cut.To)))))
                faults.Add($"{name}: the journal tells of {string.Join(' ', told)}, seen were {string.Join(' ', cuts.Select(cut => Name(cut.From) + Name(cut.To)))}");
            foreach (var (cut, method) in cuts.Zip(told, (cut, entry) => (cut, entry.Method)))
            {
                var beside = control.During(cut.Time - Splice.Before, cut.Time + Splice.After);
                var isJudged = Limits.CanJudge(beside);
                if (isJudged) await BlameAsync(watched.Limits.Faults(cut.Around, beside), $"{Name(cut.From)} to {Name(cut.To)} by {method}", cut.Time - Splice.Before, cut.Around, beside);
                judged.Add(($"{watched.Switch.Mode}", string.Concat(new[] { Name(cut.From), Name(cut.To) }.Order()), isJudged, cut.Around.Pause));
            }
            foreach (var (begin, end) in seen.Calm())
            {
                var beside = control.During(begin, end);
                calm++;
                if (!Limits.CanJudge(beside)) continue;
                calmJudged++;
                await BlameAsync(Limits.Steady.Faults(seen.During(begin, end), beside), "between cuts", begin, seen.During(begin, end), beside);
            }

            async Task BlameAsync(IEnumerable<string> wrong, string when, double begin, Stretch stretch, Stretch beside)
            {
                List<string> lines = [.. wrong.Select(what => $"{name} {when}: {what} ({stretch}; control {beside})")];
                faults.AddRange(lines);
                if (lines.Count > 0) logs.AddRange([$"{name} {when}:", .. await viewing.LogAsync(begin - Splice.Before, begin + Splice.Before + Splice.After)]);
            }
        }
        return new TrialVerdict(faults, [.. judged.GroupBy(cut => (cut.Mode, cut.Pair)).OrderBy(pair => pair.Key)
            .Select(pair => new PairVerdict(pair.Key.Mode, pair.Key.Pair, pair.Count(cut => cut.IsJudged), pair.Count(cut => !cut.IsJudged), pair.Max(cut => cut.Pause)))], calm == 0 ? 1 : (double)calmJudged / calm, logs);
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        foreach (var show in _shows) await show.DisposeAsync();
        if (_controlled is not null) await _controlled.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static string Name(int source) => source < Encodes.Names.Count ? Encodes.Names[source] : "?";

    private async Task BeginAsync(Encodes.Programme programme, IReadOnlyList<Watched> streams)
    {
        _shows.AddRange(await Task.WhenAll(streams.Select(stream => Show.BeginAsync(_server, programme, stream.Path))));
        foreach (var (watched, show) in streams.Zip(_shows)) _watched.Add((watched, show, await _chromium.PlayAsync(_server, watched.Path, watched.Player)));
        _controlled = await programme.PublishAsync("b", _server.Rtmp(Control));
        await _server.WaitForLiveAsync(Control);
        _control = await _chromium.PlayAsync(_server, Control, Player.Default);
        foreach (var viewing in _watched.Select(watched => watched.Viewing).Append(_control)) await WaitAsync(viewing, seen => seen.Pictures.Count > 25);
    }

    private static Task WaitForCutsAsync(Viewing viewing, int count) =>
        WaitAsync(viewing, seen => seen.Splices() is var cuts && cuts.Count >= count && (count == 0 || seen.End - cuts[^1].Time > Splice.After));

    /// <summary>Waits for what should come; whether it has is for the verdict.</summary>
    private static async Task WaitAsync(Viewing viewing, Func<Seen, bool> condition)
    {
        for (var end = DateTime.UtcNow + Patience; DateTime.UtcNow < end && !condition(await viewing.SeenAsync());) await Task.Delay(250);
    }
}
