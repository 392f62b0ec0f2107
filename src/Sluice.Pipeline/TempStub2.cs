namespace Sluice.Pipeline;
public enum CommandResult { Done, NoSuchSource, NoSuchPush, NotUsable }
