namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>How to reach a vCenter or a stand-alone ESXi, and as whom. Secrets stay in memory and out of <see cref="ToString"/>.</summary>
public sealed record VSphereConnectionOptions
{
    /// <summary>Name or IP address, without scheme and port.</summary>
    public required string Address { get; init; }

    /// <summary>Of HTTPS.</summary>
    public int Port { get; init; } = 443;

    /// <summary>Null where <see cref="SessionSecret"/> is set.</summary>
    public string? UserName { get; init; }

    /// <summary>A secret; null where <see cref="SessionSecret"/> is set.</summary>
    public string? Password { get; init; }

    /// <summary>The cookie of a session that somebody else opened, as PowerCLI's SessionSecret has it. It is never logged out.</summary>
    public string? SessionSecret { get; init; }

    /// <summary>
    /// SHA-1 or SHA-256 of the server's certificate in hex, with or without colons: this certificate is taken, and no
    /// other.
    /// </summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Takes any certificate, so that a machine in between could read the password.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>An HTTP proxy between this machine and the server. Null: that of the system's settings, or none.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Null: the proxy asks for no login.</summary>
    public string? ProxyUserName { get; init; }

    /// <summary>A secret.</summary>
    public string? ProxyPassword { get; init; }

    /// <summary>How long a helper may take from the call to its announcement.</summary>
    public TimeSpan HelperTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long another task with the same VM is waited for, such as that of a backup.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary><c>user@address:port</c>, without secrets.</summary>
    public override string ToString() => $"{UserName ?? "(session)"}@{Address}:{Port}";
}
