namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>How to reach a vSphere server, and as whom: by password, or by the session of somebody else. No record, whose text would hold both.</summary>
internal sealed class VSphereServerOptions
{
    public required string Address { get; init; }

    public int Port { get; init; } = 443;

    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Of a session that stays somebody else's.</summary>
    public string? SessionSecret { get; init; }

    public string? CertificateThumbprint { get; init; }

    public bool SkipCertificateCheck { get; init; }

    public override string ToString() => Address;
}
