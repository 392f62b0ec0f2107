namespace Sluice.Pipeline.Alignment;

public readonly record struct SourceAlignment(AlignmentMethod Method, double OffsetMs, double Confidence, double DriftPpm);
