using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sluice.Wire.Amf0;

/// <summary>Writes AMF0 values to <paramref name="output"/>.</summary>
public readonly ref struct Amf0Writer(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> _output = output;

    // 00 double
    public void Number(double value) => Number(value, Amf0Marker.Number);

    // 01 u8
    public void Boolean(bool value)
    {
        Byte(Amf0Marker.Boolean);
        Byte(value ? (byte)1 : (byte)0);
    }

    // 02 u16 utf8 | 0C u32 utf8
    public void String(ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length <= ushort.MaxValue)
        {
            Byte(Amf0Marker.String);
            ShortText(text);
            return;
        }
        var span = _output.GetSpan(5 + length);
        span[0] = Amf0Marker.LongString;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
        Encoding.UTF8.GetBytes(text, span[5..]);
        _output.Advance(5 + length);
    }

    // 05
    public void Null() => Byte(Amf0Marker.Null);

    // 06
    public void Undefined() => Byte(Amf0Marker.Undefined);

    // 03 (name value)* 00 00 09
    public void BeginObject() => Byte(Amf0Marker.Object);

    // 08 u32 (name value)* 00 00 09
    public void BeginEcmaArray(int count)
    {
        Byte(Amf0Marker.EcmaArray);
        UInt32((uint)count);
    }

    /// <summary>The name of the member whose value is written next.</summary>
    /// <exception cref="ArgumentException">It is longer than 65535 bytes.</exception>
    public void Name(ReadOnlySpan<char> name) => ShortText(name);

    /// <summary>Ends an object or ECMA array.</summary>
    public void End()
    {
        Byte(0);
        Byte(0);
        Byte(Amf0Marker.ObjectEnd);
    }

    public void Value(Amf0Value value)
    {
        switch (value.Kind)
        {
            case Amf0Kind.Number: Number(value.AsNumber!.Value); break;
            case Amf0Kind.Boolean: Boolean(value.AsBoolean!.Value); break;
            case Amf0Kind.String: String(value.AsString); break;
            case Amf0Kind.Null: Null(); break;
            case Amf0Kind.Object:
                BeginObject();
                Members(value);
                break;
            case Amf0Kind.EcmaArray:
                BeginEcmaArray(value.Members.Count);
                Members(value);
                break;
            case Amf0Kind.StrictArray:
                Byte(Amf0Marker.StrictArray);
                UInt32((uint)value.Items.Count);
                foreach (var item in value.Items) Value(item);
                break;
            case Amf0Kind.Date:
                Number(value.AsNumber!.Value, Amf0Marker.Date);
                Byte(0);
                Byte(0);
                break;
            default: Undefined(); break;
        }
    }

    private void Members(Amf0Value value)
    {
        foreach (var member in value.Members)
        {
            Name(member.Name);
            Value(member.Value);
        }
        End();
    }

    private void Number(double value, byte marker)
    {
        var span = _output.GetSpan(9);
        span[0] = marker;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        _output.Advance(9);
    }

    private void ShortText(ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length > ushort.MaxValue) throw new ArgumentException($"A name of {length} bytes does not fit into AMF0.", nameof(text));
        var span = _output.GetSpan(2 + length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)length);
        Encoding.UTF8.GetBytes(text, span[2..]);
        _output.Advance(2 + length);
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_output.GetSpan(4), value);
        _output.Advance(4);
    }

    private void Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }
}
