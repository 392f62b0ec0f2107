using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources;

/// <summary>
/// Finds what a publisher sends again after it has connected anew: an encoder that does not know what of its last connection arrived
/// sends the end of it once more. Those frames were taken already and must not go out twice.
/// </summary>
/// <remarks>
/// A frame is known by time and payload. Only the first frames of a session are looked at, up to the first new one; a session that begins
/// like the last one began is an encoder, or a file, that was started again, and no repeat.
/// </remarks>
internal sealed class RepeatFilter
{
    private const int Kept = 1024;
    private const int Looked = 64;

    private readonly ulong[] _known = new ulong[Kept];
    private long _count;
    private ulong _beginning;
    private bool _isFirst = true;
    private bool _isLooking;

    /// <summary>How many were found.</summary>
    public int Found { get; private set; }

    /// <summary>A session begins.</summary>
    public void Begin() => _isFirst = _isLooking = true;

    /// <summary>Whether this picture or sound, as it came from the wire, was taken before.</summary>
    public bool IsRepeat(in Frame raw)
    {
        var key = KeyOf(raw);
        if (_isLooking && key != _beginning && Array.IndexOf(_known, key) >= 0)
        {
            Found++;
            _isFirst = false;
            return true;
        }
        if (_isFirst) _beginning = key;
        _isFirst = _isLooking = false;
        _known[_count++ % Kept] = key;
        return false;
    }

    private static ulong KeyOf(in Frame raw)
    {
        var body = raw.Body.Span;
        var hash = new HashCode();
        hash.Add((int)raw.Kind);
        hash.Add(body.Length);
        hash.AddBytes(body[..Math.Min(Looked, body.Length)]);
        hash.AddBytes(body[^Math.Min(Looked, body.Length)..]);
        return (ulong)(uint)raw.Dts << 32 | (uint)hash.ToHashCode();
    }
}
