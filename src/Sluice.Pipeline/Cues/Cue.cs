using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Pipeline.Cues;

/// <summary>Something that players are to raise when a certain picture is on the screen: a draw, a rain of red packets.</summary>
/// <param name="Id">By which players know it again: it is sent more than once.</param>
/// <param name="Pts">The picture, in milliseconds of the output's time line.</param>
/// <param name="Utc">The wall time of that picture.</param>
/// <param name="Payload">What the players' pages get.</param>
public sealed record Cue(string Id, long Pts, DateTimeOffset Utc, string Payload)
{
    /// <summary>The longest <see cref="Id"/>, in characters.</summary>
    public const int MaxId = 64;

    /// <summary>The longest <see cref="Payload"/>, in bytes of UTF-8.</summary>
    public const int MaxPayload = 4096;

    /// <summary>Nothing is escaped that JSON itself lets be: it never stands in a page's source, and escapes make a payload six times as long on the wire.</summary>
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How it goes into feeds and files: <c>{"id":…,"pts":…,"utc":…,"payload":…}</c>.</summary>
    public byte[] Json { get; } = Write(Id, Pts, Utc, Payload, null);

    /// <summary>How it goes into a picture: <c>in</c> is added, how many milliseconds after that picture its own is shown, which holds through whatever rewrites times on the way.</summary>
    public byte[] JsonIn(long pts) => Write(Id, Pts, Utc, Payload, Pts - pts);

    private static byte[] Write(string id, long pts, DateTimeOffset utc, string payload, long? after)
    {
        var bytes = new ArrayBufferWriter<byte>(payload.Length + 128);
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteNumber("pts", pts);
            if (after is { } milliseconds) json.WriteNumber("in", milliseconds);
            json.WriteString("utc", utc.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("payload", payload);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>What became of a cue that was asked for.</summary>
public enum CueResult
{
    Done,

    /// <summary>The stream sends nothing.</summary>
    NotLive,

    /// <summary>There was one of this id.</summary>
    Known,

    /// <summary>Too many in a short time, or waiting.</summary>
    TooMany,

    /// <summary>Its picture has gone out.</summary>
    TooLate,
}
