namespace Sluice.Demo;

/// <summary>The programs that the demo runs.</summary>
internal static class Requirements
{
    private const string Fonts = "/usr/share/fonts";
    private const string RtmpModule = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

    /// <summary>What is missing on this machine, in the words of Debian's packages; empty: nothing.</summary>
    public static IReadOnlyList<string> Missing()
    {
        List<string> missing = [];
        if (Find("ffmpeg") is null) missing.Add("ffmpeg");
        if (Find("nginx") is null) missing.Add("nginx");
        if (!File.Exists(RtmpModule)) missing.Add("libnginx-mod-rtmp");
        return missing;
    }

    /// <summary>The path of a font to burn the clock in with; null where there is none, then the picture goes without.</summary>
    public static string? FindFont() =>
        Directory.Exists(Fonts) ? Directory.EnumerateFiles(Fonts, "DejaVuSans.ttf", SearchOption.AllDirectories).FirstOrDefault() : null;

    /// <summary>The path of a program; null where there is none.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/bin")
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
