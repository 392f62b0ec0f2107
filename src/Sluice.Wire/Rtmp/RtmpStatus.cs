using Sluice.Wire.Amf0;

namespace Sluice.Wire.Rtmp;

/// <summary>Codes of <c>onStatus</c> and <c>_result</c> that the field's programs know.</summary>
public static class RtmpStatus
{
    public const string ConnectSuccess = "NetConnection.Connect.Success";
    public const string ConnectRejected = "NetConnection.Connect.Rejected";
    public const string ReconnectRequest = "NetConnection.Connect.ReconnectRequest";
    public const string PublishStart = "NetStream.Publish.Start";
    public const string PublishBadName = "NetStream.Publish.BadName";
    public const string PublishDenied = "NetStream.Publish.Denied";
    public const string UnpublishSuccess = "NetStream.Unpublish.Success";
    public const string PlayReset = "NetStream.Play.Reset";
    public const string PlayStart = "NetStream.Play.Start";
    public const string PlayFailed = "NetStream.Play.Failed";
    public const string PlayStreamNotFound = "NetStream.Play.StreamNotFound";
    public const string PlayStop = "NetStream.Play.Stop";
    public const string PlayComplete = "NetStream.Play.Complete";
    public const string PlayUnpublishNotify = "NetStream.Play.UnpublishNotify";
    public const string PauseNotify = "NetStream.Pause.Notify";
    public const string UnpauseNotify = "NetStream.Unpause.Notify";

    /// <summary>The information object of an answer.</summary>
    /// <param name="level"><c>status</c> or <c>error</c>.</param>
    internal static Amf0Value Info(string level, string code, string description) =>
        Amf0Value.Object(new("level", level), new("code", code), new("description", description));
}
