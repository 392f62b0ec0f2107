using System.Security.Cryptography;
using System.Text;

namespace Fixtures;

/// <summary>The FLV files of all encodes, made by ffmpeg once per machine and recipe and kept in the folder for temporary files.</summary>
public static class EncodeFiles
{
    private static readonly Lazy<string> Folder = new(Make);

    /// <summary>Whether they are there or can be made.</summary>
    public static bool CanBeMade => Ffmpeg.IsInstalled;

    /// <summary>The file of one encode; the first call on a machine takes half a minute.</summary>
    public static string PathOf(EncodeRecipe encode) => Path.Combine(Folder.Value, encode.Name + ".flv");

    private static string Make()
    {
        var arguments = Arguments();
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', arguments))))[..12];
        var folder = Path.Combine(Path.GetTempPath(), $"sluice-fixtures-{key}");
        using (Lock(folder + ".lock"))
        {
            if (Directory.Exists(folder)) return folder;
            var unfinished = Directory.CreateTempSubdirectory("sluice-fixtures-").FullName;
            Ffmpeg.Run(unfinished, arguments);
            Directory.Move(unfinished, folder);
        }
        return folder;
    }

    /// <summary>One run makes them all, so that they show the same content without having to store it uncompressed.</summary>
    private static List<string> Arguments()
    {
        var encodes = EncodeRecipe.All;
        var graph = new StringBuilder($"[0:v]split={encodes.Count}");
        foreach (var encode in encodes) graph.Append($"[v{encode.Name}]");
        graph.Append($";[1:a]asplit={encodes.Count}");
        foreach (var encode in encodes) graph.Append($"[s{encode.Name}]");
        foreach (var encode in encodes) graph.Append($";[v{encode.Name}]{encode.VideoFilter}[V{encode.Name}];[s{encode.Name}]{encode.SoundFilter}[S{encode.Name}]");
        List<string> arguments = ["-f", "lavfi", "-i", Timeline.VideoSource, "-f", "lavfi", "-i", Timeline.SoundSource, "-filter_complex", graph.ToString()];
        foreach (var encode in encodes) arguments.AddRange(["-map", $"[V{encode.Name}]", "-map", $"[S{encode.Name}]", .. encode.Arguments, encode.Name + ".flv"]);
        return arguments;
    }

    /// <summary>Held until it is disposed, by one process at a time.</summary>
    private static FileStream Lock(string path)
    {
        for (var end = DateTime.UtcNow.AddMinutes(5); ; Thread.Sleep(100))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < end)
            {
                continue;   // another process is making them
            }
        }
    }
}
