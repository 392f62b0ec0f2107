using System.Buffers.Binary;
using System.Text;

namespace Sluice.Wire.Amf0;

/// <summary>
/// Reads the values of a command or data message, one after the other (AMF0; simple AMF3 values behind the switch marker 0x11).
/// </summary>
/// <remarks>
/// Lenient, as its senders are: at the first thing that makes no sense it stops and keeps what it has, with <see cref="Error"/> set. Nesting,
/// members and string lengths are limited; memory grows with the bytes that are there, never with a count that they claim.
/// </remarks>
public ref struct Amf0Reader(ReadOnlySpan<byte> bytes)
{
    public const int MaxNesting = 16;
    public const int MaxMembers = 256;
    public const int MaxStringLength = 64 << 10;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>What is wrong with the bytes; null when nothing is.</summary>
    public string? Error { get; private set; }

    private readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    /// <summary>The next value. False at the end, or where the bytes make no sense; an object that is cut short still comes, with what it holds.</summary>
    public bool TryRead(out Amf0Value value)
    {
        value = Amf0Value.Undefined;
        if (Error is not null || Position == _bytes.Length) return false;
        if (Read(0) is not { } read) return false;
        value = read;
        return true;
    }

    /// <summary>All values that are left.</summary>
    public List<Amf0Value> ReadAll()
    {
        var values = new List<Amf0Value>();
        while (values.Count < MaxMembers && TryRead(out var value)) values.Add(value);
        return values;
    }

    private Amf0Value? Read(int depth)
    {
        if (!Take(1, out var marker)) return null;
        switch (marker[0])
        {
            case Amf0Marker.Number:
                return Take(8, out var number) ? BinaryPrimitives.ReadDoubleBigEndian(number) : null;
            case Amf0Marker.Boolean:
                return Take(1, out var boolean) ? boolean[0] != 0 : null;
            case Amf0Marker.String:
                return ReadString() is { } text ? (Amf0Value)text : null;
            case Amf0Marker.LongString or Amf0Marker.XmlDocument:
                return ReadLongString() is { } longText ? (Amf0Value)longText : null;
            case Amf0Marker.Null or Amf0Marker.Unsupported:
                return Amf0Value.Null;
            case Amf0Marker.Undefined:
                return Amf0Value.Undefined;
            case Amf0Marker.Reference:
                return Take(2, out _) ? Amf0Value.Undefined : null;
            case Amf0Marker.Date:
                return Take(10, out var date) ? Amf0Value.Date(BinaryPrimitives.ReadDoubleBigEndian(date)) : null;
            case Amf0Marker.Object:
                return ReadMembers(depth) is { } members ? Amf0Value.Object(members) : null;
            case Amf0Marker.TypedObject:
                return ReadString() is not null && ReadMembers(depth) is { } typed ? Amf0Value.Object(typed) : null;
            case Amf0Marker.EcmaArray:
                // Its count is a hint that many senders get wrong.
                return Take(4, out _) && ReadMembers(depth) is { } entries ? Amf0Value.EcmaArray(entries) : null;
            case Amf0Marker.StrictArray:
                return ReadItems(depth) is { } items ? Amf0Value.StrictArray(items) : null;
            case Amf0Marker.Amf3:
                return ReadAmf3();
            default:
                Fail($"The marker 0x{marker[0]:x2} is not known.");
                return null;
        }
    }

    private List<Amf0Member>? ReadMembers(int depth)
    {
        if (!MayNest(depth)) return null;
        var members = new List<Amf0Member>();
        while (ReadString() is { } name)
        {
            if (name.Length == 0 && Rest.Length > 0 && Rest[0] == Amf0Marker.ObjectEnd)
            {
                Position++;
                return members;
            }
            if (members.Count == MaxMembers)
            {
                Fail($"An object has more than {MaxMembers} members.");
                return members;
            }
            if (Read(depth + 1) is { } value) members.Add(new Amf0Member(name, value));
            if (Error is not null) return members;
        }
        return members;
    }

    private List<Amf0Value>? ReadItems(int depth)
    {
        if (!MayNest(depth) || !Take(4, out var bytes)) return null;
        var count = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (count > Rest.Length)
        {
            Fail($"An array claims {count} items in {Rest.Length} bytes.");
            return null;
        }
        var items = new List<Amf0Value>();
        while (items.Count < count && Read(depth + 1) is { } item)
        {
            items.Add(item);
            if (Error is not null) break;
        }
        return items;
    }

    private bool MayNest(int depth)
    {
        if (depth < MaxNesting) return true;
        Fail($"Objects are nested more than {MaxNesting} deep.");
        return false;
    }

    private string? ReadString() => Take(2, out var length) && Take(BinaryPrimitives.ReadUInt16BigEndian(length), out var text) ? Encoding.UTF8.GetString(text) : null;

    private string? ReadLongString()
    {
        if (!Take(4, out var bytes)) return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (length <= MaxStringLength) return Take((int)length, out var text) ? Encoding.UTF8.GetString(text) : null;
        Fail($"A string is {length} bytes long; {MaxStringLength} are allowed.");
        return null;
    }

    /// <summary>AMF3 §3: the values without inner structure.</summary>
    private Amf0Value? ReadAmf3()
    {
        if (!Take(1, out var marker)) return null;
        switch (marker[0])
        {
            case 0x00: return Amf0Value.Undefined;
            case 0x01: return Amf0Value.Null;
            case 0x02: return false;
            case 0x03: return true;
            case 0x04: return ReadUInt29() is { } integer ? (double)(integer << 3 >> 3) : null;
            case 0x05: return Take(8, out var number) ? BinaryPrimitives.ReadDoubleBigEndian(number) : null;
            case 0x06 when ReadUInt29() is { } head:
                if ((head & 1) == 0) return Amf0Value.Undefined;   // a reference to an earlier string
                return Take(head >> 1, out var text) ? (Amf0Value)Encoding.UTF8.GetString(text) : null;
            default:
                Fail($"The AMF3 marker 0x{marker[0]:x2} is not known.");
                return null;
        }
    }

    private int? ReadUInt29()
    {
        var value = 0;
        for (var index = 0; index < 4; index++)
        {
            if (!Take(1, out var bytes)) return null;
            if (index == 3) return value << 8 | bytes[0];
            value = value << 7 | bytes[0] & 0x7F;
            if (bytes[0] < 0x80) break;
        }
        return value;
    }

    private bool Take(int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (count > Rest.Length)
        {
            Fail("It ends inside a value.");
            return false;
        }
        taken = Rest[..count];
        Position += count;
        return true;
    }

    private void Fail(string error) => Error ??= error;
}
