using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Wire.Tests.Rtmp;

/// <summary>The bytes and digests of <c>Vectors/rtmp.json</c>.</summary>
internal static class RtmpVectors
{
    private static readonly JsonElement Root = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "Vectors", "rtmp.json"))).RootElement;

    public static IEnumerable<JsonElement> Of(string key) => Root.GetProperty(key).EnumerateArray();

    public static byte[] Bytes(string key, string id) =>
        Convert.FromHexString(Of(key).Single(vector => vector.GetProperty("id").GetString() == id).GetProperty("hex").GetString()!);

    public static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..");
}
