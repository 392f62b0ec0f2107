namespace Sluice.Configuration;

/// <summary>Single settings from the environment (<c>SLUICE__LISTEN__RTMP=…</c>) and the command line (<c>--set listen.rtmp=…</c>),
/// written over the tree of the file, which is read and checked afterwards: so errors are found in one place.</summary>
internal static class Overrides
{
    private const string Prefix = "SLUICE__";

    /// <summary>Applies the variables that begin with <c>SLUICE__</c>, in the order of their names; case does not matter in known keys.</summary>
    public static void FromEnvironment(ConfigNode root, IEnumerable<KeyValuePair<string, string>> environment, List<ConfigProblem> problems)
    {
        var ours = environment.Where(variable => variable.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase));
        foreach (var (name, value) in ours.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            Apply(root, name[Prefix.Length..].Split("__"), value, new Origin(name), problems);
        }
    }

    /// <summary>Applies <c>--set</c> arguments in their order.</summary>
    public static void FromArguments(ConfigNode root, IEnumerable<string> arguments, List<ConfigProblem> problems)
    {
        foreach (var argument in arguments)
        {
            var equals = EqualsOutsideBrackets(argument);
            if (equals <= 0)
            {
                problems.Add(new ConfigProblem(new Origin("--set"), "", $"must be key=value, such as listen.rtmp=127.0.0.1:1935, not '{argument}'"));
                continue;
            }

            var key = argument[..equals];
            var origin = new Origin($"--set {key}");
            if (SplitKey(key) is { } segments) Apply(root, segments, argument[(equals + 1)..], origin, problems);
            else problems.Add(new ConfigProblem(origin, "", "is no key: write a.b, and names with dots or slashes in brackets: streams[live/show].push"));
        }
    }

    private static void Apply(ConfigNode root, string[] segments, string value, Origin origin, List<ConfigProblem> problems)
    {
        var (node, shape) = (root, (Shape?)Settings.Root);
        for (var i = 0; i < segments.Length; i++)
        {
            var key = shape is SectionShape section ? KnownKey(section, segments[i]) : segments[i];
            shape = Below(shape, key);
            if (i < segments.Length - 1)
            {
                node = Descend(node, key, shape, origin);
            }
            else
            {
                var set = Value(shape, value, string.Join('.', segments), origin, problems);
                if (set is not null) node.Put(key, set);
            }
        }
    }

    /// <summary>The node below a key, made where it is missing. What the file has there in another form stays: the loader reports it.</summary>
    private static ConfigNode Descend(ConfigNode node, string key, Shape? shape, Origin origin)
    {
        var kind = shape is ListShape ? NodeKind.List : NodeKind.Map;
        var child = node.Kind == NodeKind.List ? node.Children.Select(item => item.Node).FirstOrDefault(item => item.Find("name")?.Text == key) : node.Find(key);
        if (child is null)
        {
            child = new ConfigNode(kind, origin);
            if (node.Kind == NodeKind.List)
            {
                child.Add("name", new ConfigNode(NodeKind.Text, origin, key));
                node.Add("", child);
            }
            else
            {
                node.Add(key, child);
            }
        }

        child.Become(kind);
        return child;
    }

    private static ConfigNode? Value(Shape? shape, string value, string key, Origin origin, List<ConfigProblem> problems) =>
        shape is null or TextShape
            ? new ConfigNode(value.Length == 0 ? NodeKind.Empty : NodeKind.Text, origin, value)
            : YamlTree.Read(value, origin, key, problems);

    private static string KnownKey(SectionShape section, string written) =>
        section.Keys.Select(known => known.Key).FirstOrDefault(known => known.Equals(written, StringComparison.OrdinalIgnoreCase)) ?? written;

    private static Shape? Below(Shape? shape, string key) => shape switch
    {
        SectionShape section => section.Keys.FirstOrDefault(known => known.Key == key).Shape,
        EntriesShape entries => entries.Entry,
        ListShape list => list.Item,
        _ => null,
    };

    private static int EqualsOutsideBrackets(string argument)
    {
        var depth = 0;
        for (var i = 0; i < argument.Length; i++)
        {
            depth += argument[i] switch { '[' => 1, ']' => -1, _ => 0 };
            if (argument[i] == '=' && depth <= 0) return i;
        }

        return -1;
    }

    /// <summary><c>a.b[c.d].e</c> → a, b, c.d, e; null where a segment is empty or a bracket is open.</summary>
    private static string[]? SplitKey(string key)
    {
        var segments = new List<string>();
        for (var rest = key; rest.Length > 0;)
        {
            var bracket = rest[0] == '[';
            if (rest[0] == '.' && segments.Count == 0) return null;
            if (rest[0] == '.') rest = rest[1..];
            var end = bracket ? rest.IndexOf(']') : rest.AsSpan().IndexOfAny('.', '[');
            if (end < 0 && bracket) return null;
            if (end < 0) end = rest.Length;
            var segment = bracket ? rest[1..end] : rest[..end];
            if (segment.Length == 0) return null;
            segments.Add(segment);
            rest = bracket ? rest[(end + 1)..] : rest[end..];
        }

        return segments.Count == 0 ? null : [.. segments];
    }
}
