namespace LinuxP2V.Protocol;

/// <summary>The version both ends speak. An engine refuses an agent of another major version.</summary>
public static class ProtocolVersion
{
    /// <summary>Raised when a message changes in a way that the other end would misread.</summary>
    public const int Current = 3;
}
