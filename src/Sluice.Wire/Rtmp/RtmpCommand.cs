using Sluice.Wire.Amf0;

namespace Sluice.Wire.Rtmp;

/// <summary>A command message (RTMP 1.0 §7.2): name, transaction, command object and arguments.</summary>
internal sealed class RtmpCommand
{
    private readonly List<Amf0Value> _values;

    private RtmpCommand(List<Amf0Value> values, uint messageStreamId) => (_values, MessageStreamId) = (values, messageStreamId);

    public uint MessageStreamId { get; }

    public string Name => _values[0].AsString!;

    /// <summary>Zero: no answer is wanted.</summary>
    public double Transaction => At(1).AsNumber ?? 0;

    /// <summary>Element <paramref name="index"/> of the message: 2 is the command object, from 3 on are the arguments; undefined where there is none.</summary>
    public Amf0Value At(int index) => index < _values.Count ? _values[index] : Amf0Value.Undefined;

    /// <summary>Null, with the reason, where the message is no command.</summary>
    public static RtmpCommand? Parse(in RtmpMessage message, out string? reason)
    {
        var body = message.Body.Span;
        if (message.Type == RtmpMessageType.Amf3Command && body.Length > 0 && body[0] == 0) body = body[1..];
        var reader = new Amf0Reader(body);
        var values = reader.ReadAll();
        if (values.Count > 0 && values[0].AsString is { Length: > 0 })
        {
            reason = null;
            return new RtmpCommand(values, message.MessageStreamId);
        }
        reason = $"A command has no name. {reader.Error}".TrimEnd();
        return null;
    }
}
