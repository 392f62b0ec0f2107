using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sluice.Configuration;

/// <summary>YAML text → <see cref="ConfigNode"/>s, with the line of each, read from YamlDotNet's events.</summary>
/// <remarks>A syntax error ends the reading (one problem); a key written twice is a problem and the reading goes on.
/// Aliases share the node of their anchor. One document; tags are ignored.</remarks>
internal sealed class YamlTree
{
    private readonly Parser _parser;
    private readonly Func<Mark, Origin> _origin;
    private readonly List<ConfigProblem> _problems;
    private readonly Dictionary<AnchorName, ConfigNode> _anchors = [];

    private YamlTree(string text, Func<Mark, Origin> origin, List<ConfigProblem> problems)
    {
        _parser = new Parser(new StringReader(text));
        _origin = origin;
        _problems = problems;
    }

    /// <summary>Reads a file's text.</summary>
    /// <returns>Null where the text is no YAML, which is then among the problems.</returns>
    public static ConfigNode? Read(string text, string file, List<ConfigProblem> problems) =>
        new YamlTree(text, mark => new Origin(file, (int)mark.Line), problems).ReadDocument("");

    /// <summary>Reads the value of an override, all of whose nodes come from <paramref name="origin"/>.</summary>
    public static ConfigNode? Read(string text, Origin origin, string key, List<ConfigProblem> problems) =>
        new YamlTree(text, _ => origin, problems).ReadDocument(key);

    private ConfigNode? ReadDocument(string key)
    {
        try
        {
            _parser.Consume<StreamStart>();
            if (_parser.Accept<StreamEnd>(out var empty)) return new ConfigNode(NodeKind.Empty, _origin(empty.Start));
            _parser.Consume<DocumentStart>();
            var root = ReadNode(key);
            _parser.Consume<DocumentEnd>();
            if (_parser.Accept<DocumentStart>(out var second)) _problems.Add(new ConfigProblem(_origin(second.Start), key, "a second document begins here; one is read"));
            return root;
        }
        catch (YamlException e)
        {
            _problems.Add(new ConfigProblem(_origin(e.Start), key, $"not valid YAML: {e.InnerException?.Message ?? e.Message}"));
            return null;
        }
    }

    private ConfigNode ReadNode(string path)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new YamlException(alias.Start, alias.End, $"alias '*{alias.Value}' has no anchor above it");
        }

        var start = _parser.Peek<NodeEvent>();
        var node = _parser.TryConsume<Scalar>(out var scalar) ? ReadScalar(scalar)
            : _parser.TryConsume<MappingStart>(out var map) ? ReadMap(map, path)
            : ReadList(_parser.Consume<SequenceStart>(), path);
        if (start is { Anchor.IsEmpty: false }) _anchors[start.Anchor] = node;
        return node;
    }

    private ConfigNode ReadScalar(Scalar scalar)
    {
        var empty = scalar.IsPlainImplicit && scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";
        return new ConfigNode(empty ? NodeKind.Empty : NodeKind.Text, _origin(scalar.Start), scalar.Value);
    }

    private ConfigNode ReadMap(MappingStart start, string path)
    {
        var map = new ConfigNode(NodeKind.Map, _origin(start.Start));
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = _parser.Consume<Scalar>();
            var child = Place.Join(path, key.Value);
            var value = ReadNode(child);
            if (map.Find(key.Value) is null) map.Add(key.Value, value);
            else _problems.Add(new ConfigProblem(_origin(key.Start), child, "is written twice"));
        }

        return map;
    }

    private ConfigNode ReadList(SequenceStart start, string path)
    {
        var list = new ConfigNode(NodeKind.List, _origin(start.Start));
        while (!_parser.TryConsume<SequenceEnd>(out _)) list.Add("", ReadNode(path));
        return list;
    }
}

file static class ParserEvents
{
    /// <summary>The next event without taking it; null where it is of another kind.</summary>
    public static T? Peek<T>(this Parser parser)
        where T : ParsingEvent => parser.Accept<T>(out var next) ? next : null;
}
