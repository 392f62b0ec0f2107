namespace Sluice.Wire.Flv;

/// <summary>What an audio or video body is.</summary>
public enum TagContent : byte
{
    /// <summary>Nothing usable; the tag's reason says why.</summary>
    Invalid,

    /// <summary>A picture or a sound.</summary>
    Frame,

    /// <summary>A codec configuration.</summary>
    Header,

    /// <summary>The end of a sequence.</summary>
    End,

    /// <summary>Neither: a seek command, HDR metadata, a channel layout, a track other than the default one, an empty audio body (silence).</summary>
    Other,
}
