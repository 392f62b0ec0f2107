namespace Sluice.Demo;

/// <summary>The looped test programme that all encoders play: a moving test picture and a tone, made once and kept.</summary>
/// <param name="Playlist">The programme over and over, for ffmpeg's concat demuxer: its own <c>-stream_loop</c> with <c>-ss</c> sets the sound back at
/// every turn by the place that it began at (ffmpeg 5.1).</param>
internal sealed record Programme(string Playlist)
{
    private const int Turns = 24 * 60;

    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>Makes it where it is not there yet.</summary>
    /// <exception cref="IOException">ffmpeg could not make it.</exception>
    public static async Task<Programme> MakeAsync(CancellationToken stop)
    {
        var file = Path.Combine(Path.GetTempPath(), $"sluice-demo-{Environment.UserName}-640x360-60s.mp4");
        var playlist = Path.ChangeExtension(file, ".ffconcat");
        if (File.Exists(playlist)) return new Programme(playlist);
        var unfinished = $"{file}.{Environment.ProcessId}.mp4";
        await using var ffmpeg = ChildProcess.Start("ffmpeg", "-v", "error", "-y",
            "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "sine=frequency=330:beep_factor=4:sample_rate=48000",
            "-t", $"{Length.TotalSeconds}", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", unfinished);
        if (await ffmpeg.WaitAsync(stop) != 0) throw new IOException($"ffmpeg could not make the test programme: {ffmpeg.LastLine}");
        File.Move(unfinished, file, overwrite: true);
        var turn = $"file '{Path.GetFileName(file)}'\nduration {Length.TotalSeconds}\n";
        await File.WriteAllTextAsync(unfinished, $"ffconcat version 1.0\n{string.Concat(Enumerable.Repeat(turn, Turns))}", stop);
        File.Move(unfinished, playlist, overwrite: true);
        return new Programme(playlist);
    }
}
