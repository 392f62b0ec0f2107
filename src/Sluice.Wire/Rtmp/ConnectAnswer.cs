using Sluice.Wire.Amf0;

namespace Sluice.Wire.Rtmp;

/// <summary>What a server answers to <c>connect</c> (RTMP 1.0 §7.2.1.1; Enhanced RTMP v2, "Enhancing NetConnection connect").</summary>
internal static class ConnectAnswer
{
    /// <summary>The server may ask for a reconnect.</summary>
    public const int CapsReconnect = 1;

    private const int CapsModEx = 4;
    private const double CanForward = 4;

    public static readonly Amf0Value Properties = Amf0Value.Object(new("fmsVer", "FMS/3,5,3,888"), new("capabilities", 127), new("mode", 1));

    private static readonly Amf0Value AllCodecs = Amf0Value.Object(new Amf0Member("*", CanForward));

    /// <summary>The information object; to a client that speaks Enhanced RTMP it says that every codec is forwarded.</summary>
    /// <param name="connect">The client's command object.</param>
    public static Amf0Value Info(Amf0Value connect)
    {
        var info = RtmpStatus.Info("status", RtmpStatus.ConnectSuccess, "Connection succeeded.").With("objectEncoding", 0);
        if (connect["fourCcList"].Kind == Amf0Kind.StrictArray) info = info.With("fourCcList", Amf0Value.StrictArray("*"));
        if (connect["videoFourCcInfoMap"].Kind == Amf0Kind.Object) info = info.With("videoFourCcInfoMap", AllCodecs);
        if (connect["audioFourCcInfoMap"].Kind == Amf0Kind.Object) info = info.With("audioFourCcInfoMap", AllCodecs);
        if (connect["capsEx"].AsNumber is not null) info = info.With("capsEx", CapsReconnect | CapsModEx);
        return info;
    }
}
