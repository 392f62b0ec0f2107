namespace Sluice.Configuration;

internal enum NodeKind { Empty, Text, Map, List }

/// <summary>One node of the configuration as written, before any meaning: text, a map with its keys in order, or a list. It knows where it was written.</summary>
/// <remarks>Built by <see cref="YamlTree"/>, then changed only by <see cref="Overrides"/>.</remarks>
internal sealed class ConfigNode(NodeKind kind, Origin origin, string text = "")
{
    private readonly List<(string Key, ConfigNode Node)> _children = [];

    public NodeKind Kind { get; private set; } = kind;

    public Origin Origin { get; } = origin;

    public string Text { get; } = text;

    /// <summary>A map's values, or a list's items under empty keys.</summary>
    public IReadOnlyList<(string Key, ConfigNode Node)> Children => _children;

    public ConfigNode? Find(string key)
    {
        foreach (var child in _children)
        {
            if (child.Key == key) return child.Node;
        }

        return null;
    }

    public void Add(string key, ConfigNode node) => _children.Add((key, node));

    /// <summary>Sets the value of a key, in its place where the key is there already.</summary>
    public void Put(string key, ConfigNode node)
    {
        var at = _children.FindIndex(child => child.Key == key);
        if (at < 0) _children.Add((key, node));
        else _children[at] = (key, node);
    }

    /// <summary>Makes a key that was written without a value a map or a list, so that an override can go below it.</summary>
    public void Become(NodeKind kind)
    {
        if (Kind == NodeKind.Empty) Kind = kind;
    }
}

/// <summary>A node under its key, and the list that takes what is wrong with it.</summary>
internal readonly record struct Place(ConfigNode Node, string Path, List<ConfigProblem> Problems)
{
    public void Report(string message) => Problems.Add(new ConfigProblem(Node.Origin, Path, message));

    public void Warn(string message) => Problems.Add(new ConfigProblem(Node.Origin, Path, message, IsWarning: true));

    public bool Has(string key) => Node.Find(key) is not null;

    /// <summary>The value of a key; the section itself where the key is missing, so that a problem still has a line.</summary>
    public Place At(string key) => Node.Find(key) is { } child ? Child(key, child) : this;

    public Place Child(string key, ConfigNode child) => this with { Node = child, Path = Join(Path, key) };

    /// <summary>An item of a list, known by its <c>name</c>, or by its number from 1.</summary>
    public Place Item(int index)
    {
        var item = Node.Children[index].Node;
        var name = item.Find("name") is { Kind: NodeKind.Text } named ? named.Text : $"#{index + 1}";
        return this with { Node = item, Path = $"{Path}[{name}]" };
    }

    /// <summary>The path of a key below another, as <c>--set</c> writes it.</summary>
    public static string Join(string path, string key)
    {
        if (!key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')) return $"{path}[{key}]";
        return path.Length == 0 ? key : $"{path}.{key}";
    }
}
