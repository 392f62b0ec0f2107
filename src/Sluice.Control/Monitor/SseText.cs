using System.Buffers;
using System.Text;
using System.Text.Json;
using Sluice.Control.Api;
using Sluice.Pipeline.Cues;

namespace Sluice.Control.Monitor;

/// <summary>Server-Sent Events as text (WHATWG HTML §9.2.6): <c>id: …\n event: …\n data: …\n \n</c>.</summary>
internal static class SseText
{
    /// <param name="data">On one line.</param>
    public static void Write(IBufferWriter<byte> to, string name, string? id, ReadOnlySpan<byte> data)
    {
        if (id is not null) Field(to, "id: "u8, Encoding.UTF8.GetBytes(id));
        Field(to, "event: "u8, Encoding.UTF8.GetBytes(name));
        Field(to, "data: "u8, data);
        to.Write("\n"u8);
    }

    /// <summary>The event <c>cue</c>: its data is the cue's, with the name of the stream.</summary>
    public static void Write(IBufferWriter<byte> to, string? id, string stream, Cue cue) =>
        Write(to, "cue", id, [.. "{\"stream\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(stream, ApiJson.Default.String), (byte)',', .. cue.Json.AsSpan(1)]);

    private static void Field(IBufferWriter<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        to.Write(name);
        to.Write(value);
        to.Write("\n"u8);
    }
}
