namespace Sluice.Wire.Codecs;

/// <summary>
/// Walks the length-prefixed NAL units of one picture (ISO/IEC 14496-15 §5.2.3, AVC and HEVC alike): <c>foreach</c> gives each without its length.
/// </summary>
/// <remarks>A length that leads beyond the end ends the walk: what came before it stands.</remarks>
public readonly ref struct NalUnits(ReadOnlySpan<byte> bytes, int lengthSize)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public Enumerator GetEnumerator() => new(_bytes, lengthSize);

    /// <summary>The walk.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> bytes, int lengthSize)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.Length <= lengthSize) return false;
            var length = 0L;
            for (var i = 0; i < lengthSize; i++) length = length << 8 | _rest[i];
            if (length > _rest.Length - lengthSize) return false;
            Current = _rest.Slice(lengthSize, (int)length);
            _rest = _rest[(lengthSize + (int)length)..];
            return true;
        }
    }
}
