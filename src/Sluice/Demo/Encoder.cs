namespace Sluice.Demo;

/// <summary>One real encoder of the show clock: an ffmpeg that plays the programme from where the show is now, and pushes it to one source.</summary>
/// <param name="letter">The source's name; burned into the picture beside the wall clock.</param>
/// <param name="showBegan">When the programme stood at its beginning.</param>
internal sealed class Encoder(string letter, string url, Programme programme, DateTimeOffset showBegan) : IAsyncDisposable
{
    private ChildProcess? _ffmpeg;

    public string Letter => letter;

    public bool IsFrozen { get; private set; }

    public bool IsRunning => _ffmpeg is { HasExited: false };

    /// <summary>Starts it at the present place of the show.</summary>
    public void Start()
    {
        var place = (DateTimeOffset.UtcNow - showBegan).TotalSeconds % Programme.Length.TotalSeconds;
        _ffmpeg = ChildProcess.Start("ffmpeg", ["-v", "warning", "-re", "-threads", "1", "-ss", place.ToString("0.000", null), "-f", "concat", "-safe", "0", "-i", programme.Playlist,
            "-vf", Picture(), "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "main", "-sc_threshold", "0", "-threads", "1", .. Settings(),
            "-c:a", "aac", "-aac_coder", "fast", "-b:a", "96k", "-ar", "48000", "-ac", "2", "-f", "flv", url]);
        IsFrozen = false;
    }

    /// <summary>Ends it without a word, as a power cut does.</summary>
    public async Task KillAsync()
    {
        if (_ffmpeg is { } ffmpeg) await ffmpeg.DisposeAsync();
        _ffmpeg = null;
    }

    public void Freeze()
    {
        _ffmpeg?.Freeze();
        IsFrozen = true;
    }

    /// <summary>Brings it back: a frozen one, whose time has stood still, is started anew at the present place of the show.</summary>
    public async Task BringBackAsync()
    {
        await KillAsync();
        Start();
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    /// <summary>Four encoders that differ as real ones do, but for size, rate and sound.</summary>
    private string[] Settings() => letter switch
    {
        "a" => ["-preset", "veryfast", "-g", "50", "-bf", "2", "-b:v", "600k"],
        "b" => ["-preset", "superfast", "-g", "40", "-bf", "0", "-b:v", "700k"],
        "c" => ["-preset", "ultrafast", "-g", "60", "-bf", "0", "-b:v", "800k"],
        _ => ["-preset", "superfast", "-g", "30", "-bf", "1", "-b:v", "500k"],
    };

    private string Picture() => Requirements.FindFont() is { } font
        ? $"drawtext=fontfile={font}:fontsize=44:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=10:x=24:y=24:text='{letter.ToUpperInvariant()}  %{{localtime\\:%T}}'"
        : "null";
}
