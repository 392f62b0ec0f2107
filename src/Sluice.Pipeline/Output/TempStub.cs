using Sluice.Pipeline.StreamLogs;
namespace Sluice.Pipeline.Output;
public sealed class EgressLoops { }
public sealed class StreamOutput(StreamLog log, string name, EgressOptions egress, EgressLoops loops, TimeProvider time) { public StreamLog L => log; public string N => name; public EgressOptions E => egress; public EgressLoops O => loops; public TimeProvider T => time; public int SubscriberCount => 0; public ViewerCounts Viewers => new(); }
