using Sluice.Pipeline;

namespace Sluice.Configuration;

/// <summary>What no single value can tell: contradictions between keys, and values that are not available yet.</summary>
internal static class ConfigChecks
{
    public static void Run(Place root, SluiceOptions options)
    {
        TlsChecks.CheckServer(root, options);
        CheckAccess(root.At("access"), options.Access, options.Access, sources: []);
        var streams = root.At("streams");
        var publishPaths = new Dictionary<string, string>();
        foreach (var entry in options.Streams)
        {
            var place = streams.At(entry.Name);
            CheckName(place, entry);
            CheckSources(place, entry, options, publishPaths);
            CheckSwitch(place, entry.Options.Switch);
            CheckDuplicates(place.At("push"), entry.Options.Push.Select(push => push.Name));
            TlsChecks.CheckPushes(place.At("push"), entry.Options.Push);
            CheckAccess(place.At("access"), entry.Options.Access, options.Access, entry.Options.Sources);
        }
    }

    private static void CheckName(Place place, StreamEntry entry)
    {
        if (!StreamEntry.IsValidName(entry.Name)) place.Report("is no stream: app/name, of letters, digits and - _ . ~ @ + =, or a pattern such as \"live/*\"");
        else if (entry.IsPattern && place.Has("sources")) place.At("sources").Report("a pattern covers many streams and cannot have sources; give the stream an entry of its own");
    }

    private static void CheckSources(Place stream, StreamEntry entry, SluiceOptions options, Dictionary<string, string> publishPaths)
    {
        var list = stream.At("sources");
        CheckDuplicates(list, entry.Options.Sources.Select(source => source.Name));
        for (var i = 0; i < entry.Options.Sources.Count; i++)
        {
            var (place, source) = (list.Item(i), entry.Options.Sources[i]);
            if (place.Node.Kind != NodeKind.Map) continue;
            if (place.Has("publish") && place.Has("pull")) place.Report("has both publish and pull; a source is one of them");
            if (!place.Has("publish") && !place.Has("pull")) place.Report("needs publish (somebody pushes to us) or pull (we fetch)");
            TlsChecks.CheckTrust(place, source.Pull, source.Trust);
            if (source.Publish is not { } path) continue;
            if (!publishPaths.TryAdd(path, place.Path)) place.At("publish").Report($"'{path}' is already the publish path of {publishPaths[path]}");
            if (options.Streams.Any(other => other.Name == path)) place.At("publish").Report($"'{path}' is itself an entry of streams; a source needs a path of its own, such as {path}-a");
        }
    }

    private static void CheckSwitch(Place stream, SwitchOptions options)
    {
        if (options.Mode == SwitchMode.Lookahead && options.Delay == TimeSpan.Zero) stream.At("switch").At("mode").Report("lookahead needs a delay above 0");
    }

    private static void CheckDuplicates(Place list, IEnumerable<string> names)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var name in names)
        {
            if (name.Length > 0 && !seen.Add(name)) list.Item(index).Report($"the name '{name}' is already used in this list");
            index++;
        }
    }

    /// <summary>A rule <c>key</c> needs a key in force: the section's own, the server's, or for publishing one at every source.</summary>
    private static void CheckAccess(Place place, AccessOptions own, AccessOptions server, IReadOnlyList<SourceOptions> sources)
    {
        CheckRule("publish", own.Publish, own.PublishKey ?? server.PublishKey);
        CheckRule("play", own.Play, own.PlayKey ?? server.PlayKey);
        CheckRule("api", own.Api, own.ApiKey);

        void CheckRule(string name, AccessRule? rule, string? key)
        {
            if (rule == AccessRule.Token) place.At(name).Report("token is not available yet; use key");
            if (rule != AccessRule.Key || key is not null) return;
            var everySourceHasOne = name == "publish" && sources.Count > 0 && sources.All(source => source.Publish is null || source.Key is not null);
            if (!everySourceHasOne) place.At(name).Report($"key needs {name}Key to be set");
        }
    }
}
