namespace Sluice.Pipeline.Output.Rtmp;

/// <summary>What an RTMP connection must know of the media bytes that the egress loop sends on it.</summary>
public static class RtmpMedia
{
    /// <summary>The chunk size that the connection must have announced before it subscribes.</summary>
    public const int ChunkSize = 60000;

    /// <summary>The chunk stream of sound and data. Private bytes keep off it.</summary>
    public const int SoundChunkStream = 4;

    /// <summary>The chunk stream of pictures. Private bytes keep off it.</summary>
    public const int PictureChunkStream = 6;
}
