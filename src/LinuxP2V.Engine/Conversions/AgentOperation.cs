namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// Names of the agent's operations as they begin a request id: <c>name-attempt</c>, or <c>name-number-attempt</c> for
/// what may be asked for again.
/// </summary>
internal static class AgentOperation
{
    public const string Connect = "connect";
    public const string Prepare = "prepare";
    public const string Copy = "copy";
    public const string StopServices = "stop";
    public const string StartServices = "start";
    public const string Sync = "sync";
    public const string Verify = "verify";
    public const string Reconfigure = "reconfigure";
    public const string Finish = "finish";

    /// <summary>An id for what is done whenever it is asked for.</summary>
    public static string NewId(string name) => $"{name}-{Guid.NewGuid():N}";

    public static string NameOf(string requestId)
    {
        var dash = requestId.IndexOf('-');
        return dash < 0 ? requestId : requestId.Substring(0, dash);
    }

    /// <summary>Null for an id that counts no attempts.</summary>
    public static int? AttemptOf(string requestId) =>
        int.TryParse(requestId.Substring(requestId.LastIndexOf('-') + 1), out var attempt) ? attempt : null;
}
