using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Switching;

/// <summary>Which source should be on: a pure function of how the sources are.</summary>
internal sealed class Selection(IReadOnlyList<Source> sources, SwitchOptions options)
{
    /// <summary>
    /// The best source to go to when the active one is lost: the first by rank of those that have been well for the clear time; else of those
    /// that are well; null: take whoever's keyframe comes first.
    /// </summary>
    public Source? Best(long now) => First(now, cleared: true, before: null) ?? First(now, cleared: false, before: null);

    /// <summary>A source to return to: of better priority than <paramref name="active"/>, and well for the clear time; null where the switch is to stay.</summary>
    public Source? Better(Source active, long now) =>
        options.Prefer == SwitchPreference.Priority ? First(now, cleared: true, before: active.Options.Priority) : null;

    private Source? First(long now, bool cleared, int? before)
    {
        Source? best = null;
        foreach (var source in sources)
        {
            if (!source.IsEligible(now, cleared) || source.Options.Priority >= before) continue;
            if (best is null || source.Rank.CompareTo(best.Rank) < 0) best = source;
        }
        return best;
    }
}
