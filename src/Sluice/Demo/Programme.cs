namespace Sluice.Demo;

/// <summary>The looped test programme that all encoders play: a moving test picture and a tone, made once and kept.</summary>
internal sealed record Programme(string File)
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>Makes it where it is not there yet.</summary>
    /// <exception cref="IOException">ffmpeg could not make it.</exception>
    public static async Task<Programme> MakeAsync(CancellationToken stop)
    {
        var file = Path.Combine(Path.GetTempPath(), $"sluice-demo-{Environment.UserName}-640x360-60s.mp4");
        if (System.IO.File.Exists(file)) return new Programme(file);
        var unfinished = $"{file}.{Environment.ProcessId}.mp4";
        await using var ffmpeg = ChildProcess.Start("ffmpeg", "-v", "error", "-y",
            "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "sine=frequency=330:beep_factor=4:sample_rate=48000",
            "-t", $"{Length.TotalSeconds}", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", unfinished);
        if (await ffmpeg.WaitAsync(stop) != 0) throw new IOException($"ffmpeg could not make the test programme: {ffmpeg.LastLine}");
        System.IO.File.Move(unfinished, file, overwrite: true);
        return new Programme(file);
    }
}
