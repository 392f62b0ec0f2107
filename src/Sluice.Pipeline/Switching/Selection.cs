using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Switching;

/// <summary>Which source should be on: a function of how the sources are, and of what parameters are on the air.</summary>
/// <remarks>
/// Best first: fits the parameters that are on, is well for its clear time, has the lower priority number, is better aligned, failed less
/// often lately, stands earlier in the configuration. Used under the stream's lock; the clock's calls allocate nothing.
/// </remarks>
internal sealed class Selection(IReadOnlyList<Source> sources, SwitchOptions options)
{
    private readonly Rated[] _rated = new Rated[sources.Count];
    private SourceParameters? _onAir;

    /// <summary>How sure it is where a source stands against the one that is on, 0 to 1; of two of one priority the surer is the better.</summary>
    public Func<Source, double>? Confidence { get; init; }

    /// <summary>What the output's parameters are from here on: those of the source that was cut to.</summary>
    public void OnAir(Source source) => _onAir = source.Parameters;

    /// <summary>A show begins, or is over: nothing is on the air.</summary>
    public void Clear() => _onAir = null;

    /// <summary>How the source's parameters fit those that are on the air, or of the first source that is there; null where there is nothing to compare.</summary>
    public ParameterRating? Rate(Source source)
    {
        if (source.Parameters is not { } parameters || Reference is not { } reference) return null;
        ref var rated = ref _rated[source.Order];
        if (rated.Reference != reference || rated.Parameters != parameters) rated = new Rated(reference, parameters, ParameterRating.Rate(reference, parameters));
        return rated.Rating;
    }

    /// <summary>
    /// The best source to go to when the active one is lost: of those that are well the first, one that does not fit only where no other
    /// sends; null: take whoever's keyframe comes first, if it <see cref="IsLast"/>.
    /// </summary>
    public Source? Best(long now) => First(now, cleared: true) ?? First(now, cleared: false);

    /// <summary>
    /// A source to leave <paramref name="active"/> for while that still works: any that is well where it is degraded, one of better priority that was well
    /// for the clear time where that is preferred; null where the switch is to stay.
    /// </summary>
    public Source? Better(Source active, long now)
    {
        if (active.IsDegraded) return Best(now) is { } well && (Fits(well) || !Fits(active)) ? well : null;
        if (options.Prefer != SwitchPreference.Priority) return null;
        return First(now, cleared: true, before: active.Options.Priority) is { } better && (Fits(better) || !Fits(active)) ? better : null;
    }

    /// <summary>Whether the source may be cut to unasked, where nothing is on and none is well: it fits, or none that fits sends anything.</summary>
    public bool IsLast(Source source)
    {
        if (Fits(source)) return true;
        foreach (var other in sources)
            if (other.IsUsable && Fits(other)) return false;
        return true;
    }

    private SourceParameters? Reference
    {
        get
        {
            if (_onAir is not null) return _onAir;
            Source? first = null;
            foreach (var source in sources)
                if (source is { IsOpen: true, Parameters: not null } && (first is null || source.Rank.CompareTo(first.Rank) < 0)) first = source;
            return first?.Parameters;
        }
    }

    private bool Fits(Source source) => Rate(source) is not { Fit: ParameterFit.Incompatible };

    private Source? First(long now, bool cleared, int? before = null)
    {
        Source? best = null;
        foreach (var source in sources)
        {
            if (!source.IsEligible(now, cleared) || source.Options.Priority >= before || !IsLast(source)) continue;
            if (best is null || IsBetter(source, best, now)) best = source;
        }
        return best;
    }

    private bool IsBetter(Source source, Source than, long now)
    {
        if (source.Options.Priority != than.Options.Priority) return source.Options.Priority < than.Options.Priority;
        if (Confidence is { } confidence && Math.Abs(confidence(source) - confidence(than)) > 0.1) return confidence(source) > confidence(than);
        var (failures, others) = (source.RecentFailures(now), than.RecentFailures(now));
        return failures != others ? failures < others : source.Order < than.Order;
    }

    /// <summary>A rating, and of what.</summary>
    private readonly record struct Rated(SourceParameters? Reference, SourceParameters? Parameters, ParameterRating Rating);
}
