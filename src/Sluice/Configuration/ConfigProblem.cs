namespace Sluice.Configuration;

/// <summary>Where a value was written: a line of a file (from 1), or an override, which has no line (0).</summary>
internal readonly record struct Origin(string Source, int Line = 0)
{
    public override string ToString() => Line > 0 ? $"{Source}:{Line}" : Source;
}

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">The path of the key, as <c>--set</c> writes it; empty for the whole file.</param>
/// <param name="IsWarning">It is told, and the configuration is good all the same.</param>
internal sealed record ConfigProblem(Origin Origin, string Key, string Message, bool IsWarning = false)
{
    public override string ToString() => $"{Origin}: {(Key.Length == 0 ? "" : $"{Key}: ")}{(IsWarning ? "warning: " : "")}{Message}";
}

/// <summary>The result of a load: the options, or every reason why there are none, in the order of the file; warnings come with either.</summary>
internal sealed record ConfigLoad(SluiceOptions? Options, IReadOnlyList<ConfigProblem> Problems);
