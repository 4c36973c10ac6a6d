using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Cmdlets;

/// <summary>Somebody else's connection to a server that can be borrowed, such as PowerCLI's.</summary>
internal interface IServerLender
{
    string Name { get; }

    /// <summary>As a reference to a destination has it: null for the usual one.</summary>
    int? ReferencePort { get; }

    /// <exception cref="Engine.P2VException">ServerNotConnected.</exception>
    VSphereConnectionOptions ToOptions(string? thumbprint, bool skipCertificateCheck);
}
