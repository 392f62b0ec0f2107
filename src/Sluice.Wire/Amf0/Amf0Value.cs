namespace Sluice.Wire.Amf0;

public enum Amf0Kind : byte { Undefined, Null, Number, Boolean, String, Object, EcmaArray, StrictArray, Date }

/// <summary>A named value inside an object or an ECMA array.</summary>
public readonly record struct Amf0Member(string Name, Amf0Value Value);

/// <summary>One immutable AMF0 value (Action Message Format 0, 2007). Objects keep the order of their members.</summary>
/// <remarks>For commands and metadata, which are rare; media never passes through it.</remarks>
public sealed class Amf0Value
{
    public static readonly Amf0Value Undefined = new(Amf0Kind.Undefined);
    public static readonly Amf0Value Null = new(Amf0Kind.Null);

    private static readonly Amf0Value True = new(Amf0Kind.Boolean, number: 1);
    private static readonly Amf0Value False = new(Amf0Kind.Boolean);

    private readonly double _number;
    private readonly string? _text;

    private Amf0Value(Amf0Kind kind, double number = 0, string? text = null, IReadOnlyList<Amf0Member>? members = null, IReadOnlyList<Amf0Value>? items = null)
    {
        (Kind, _number, _text, Members, Items) = (kind, number, text, members ?? [], items ?? []);
    }

    public Amf0Kind Kind { get; }

    /// <summary>The members of an object or ECMA array, in order; empty for all else.</summary>
    public IReadOnlyList<Amf0Member> Members { get; }

    /// <summary>The values of a strict array; empty for all else.</summary>
    public IReadOnlyList<Amf0Value> Items { get; }

    /// <summary>The number, or a date's milliseconds since 1970 UTC; null for all else.</summary>
    public double? AsNumber => Kind is Amf0Kind.Number or Amf0Kind.Date ? _number : null;

    public bool? AsBoolean => Kind == Amf0Kind.Boolean ? _number != 0 : null;

    public string? AsString => _text;

    /// <summary>The first member of that name, or <see cref="Undefined"/>.</summary>
    public Amf0Value this[string name]
    {
        get
        {
            foreach (var member in Members)
                if (member.Name == name) return member.Value;
            return Undefined;
        }
    }

    public static Amf0Value Object(params IReadOnlyList<Amf0Member> members) => new(Amf0Kind.Object, members: members);

    public static Amf0Value EcmaArray(params IReadOnlyList<Amf0Member> members) => new(Amf0Kind.EcmaArray, members: members);

    public static Amf0Value StrictArray(params IReadOnlyList<Amf0Value> items) => new(Amf0Kind.StrictArray, items: items);

    /// <param name="milliseconds">Since 1970-01-01 UTC.</param>
    public static Amf0Value Date(double milliseconds) => new(Amf0Kind.Date, milliseconds);

    /// <summary>This object or ECMA array with the member set, in its old place or at the end.</summary>
    public Amf0Value With(string name, Amf0Value value)
    {
        var members = new List<Amf0Member>(Members);
        var at = members.FindIndex(member => member.Name == name);
        if (at >= 0) members[at] = new(name, value);
        else members.Add(new(name, value));
        return new(Kind == Amf0Kind.EcmaArray ? Kind : Amf0Kind.Object, members: members);
    }

    public static implicit operator Amf0Value(double number) => new(Amf0Kind.Number, number);

    public static implicit operator Amf0Value(bool value) => value ? True : False;

    public static implicit operator Amf0Value(string text) => new(Amf0Kind.String, text: text);

    /// <summary>JSON-like, for logs and tests.</summary>
    public override string ToString() => Kind switch
    {
        Amf0Kind.Number => _number.ToString("R"),
        Amf0Kind.Boolean => _number != 0 ? "true" : "false",
        Amf0Kind.String => $"\"{_text}\"",
        Amf0Kind.Object => $"{{{string.Join(",", Members.Select(member => $"{member.Name}:{member.Value}"))}}}",
        Amf0Kind.EcmaArray => $"[{string.Join(",", Members.Select(member => $"{member.Name}:{member.Value}"))}]",
        Amf0Kind.StrictArray => $"[{string.Join(",", Items)}]",
        Amf0Kind.Date => $"date({_number:R})",
        _ => Kind == Amf0Kind.Null ? "null" : "undefined",
    };
}
