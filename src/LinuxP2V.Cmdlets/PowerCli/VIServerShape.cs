using System.Globalization;
using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.PowerCli;

/// <summary>
/// What a connection of PowerCLI's must have to be borrowed, whatever its type is: that differs between PowerCLI's
/// versions. No record, whose text would hold the secret.
/// </summary>
internal sealed class VIServerShape : IServerLender
{
    private const int DefaultPort = 443;

    private VIServerShape(string name) => Name = name;

    /// <summary>As it was given to Connect-VIServer.</summary>
    public string Name { get; }

    public int Port { get; private init; }

    /// <summary>As a reference to a destination has it: null for the usual one.</summary>
    public int? ReferencePort => Port == DefaultPort ? null : Port;

    public bool IsConnected { get; private init; }

    private string? SessionSecret { get; init; }

    /// <returns>Null when it is no such object.</returns>
    public static VIServerShape? Read(PSObject item)
    {
        var service = Uri.TryCreate(Shape.Text(item, "ServiceUri"), UriKind.Absolute, out var uri) ? uri : null;
        var secret = Shape.Text(item, "SessionSecret") ?? Shape.Text(item, "SessionId");
        var isConnected = Shape.Value(item, "IsConnected") as bool?;
        var name = Shape.Text(item, "Name") ?? service?.Host;
        // A disconnected one has lost its secret, and is to be told from an object of another kind.
        if (name is null || isConnected is null || (secret is null && item.Properties["SessionSecret"] is null))
            return null;
        return new VIServerShape(name)
        {
            Port = PortOf(item) ?? service?.Port ?? DefaultPort,
            IsConnected = isConnected.Value && secret is not null,
            SessionSecret = secret,
        };
    }

    /// <exception cref="P2VException">ServerNotConnected.</exception>
    public VSphereConnectionOptions ToOptions(string? thumbprint, bool skipCertificateCheck) =>
        IsConnected
            ? new VSphereConnectionOptions
            {
                Address = Name,
                Port = Port,
                SessionSecret = SessionSecret,
                CertificateThumbprint = thumbprint,
                SkipCertificateCheck = skipCertificateCheck,
            }
            : throw new P2VException(
                ErrorIds.ServerNotConnected,
                $"PowerCLI's connection to {Name} is not open.",
                $"Open it with Connect-VIServer {Name}, or give a credential: Connect-P2VServer {Name} -Credential <credential>.",
                Name
            );

    public override string ToString() => Name;

    private static int? PortOf(PSObject item) =>
        int.TryParse(Shape.Text(item, "Port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : null;
}
