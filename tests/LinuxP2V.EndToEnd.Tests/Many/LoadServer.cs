using System.Net.NetworkInformation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>Simulated vCenters, connections to them, and tasks for them.</summary>
internal static class LoadServer
{
    /// <param name="agentCommand">Null: a VM's guest never says anything.</param>
    public static Task<VSphereLab> StartAsync(string folder, int hosts, string? agentCommand) =>
        VSphereLab.StartAsync(
            new VSphereLabOptions
            {
                Folder = folder,
                WithoutQemu = true,
                AgentCommand = agentCommand,
                Hosts = hosts,
                Datastores = ["load1=200", "load2=200", "load3=200"],
            }
        );

    public static Task<VSphereDestination> ConnectAsync(VSphereLab lab, CancellationToken cancellationToken)
    {
        var admin = lab.UserWith("Administrator");
        return VSphereDestination.ConnectAsync(
            new VSphereConnectionOptions
            {
                Address = lab.Address,
                Port = lab.Port,
                UserName = admin.Name,
                Password = admin.Password,
                CertificateThumbprint = lab.ThumbprintSha256,
                // Hundreds of helpers that wait on purpose.
                HelperTimeout = TimeSpan.FromMinutes(30),
            },
            NullConsole.Instance,
            cancellationToken
        );
    }

    public static ConversionTask Plan(LoadSource source, VSphereDestination destination, string name) =>
        ConversionPlanner.Plan(
            source.Endpoint,
            LoadSource.Facts(),
            new TaskSettings
            {
                Name = name,
                SkipReconfiguration = true,
                Placement = new PlacementSettings { VMHost = "Cluster1", Datastore = "load*" },
                NetworkNames = ["VM Network"],
            },
            destination.Reference
        );

    /// <summary>Established ones to the server, and to a helper's or the source's sshd.</summary>
    public static List<string> Connections(VSphereLab lab) =>
        [
            .. IPGlobalProperties
                .GetIPGlobalProperties()
                .GetActiveTcpConnections()
                .Where(c =>
                    c.State == TcpState.Established
                    && (
                        c.RemoteEndPoint.Port == lab.Port
                        || c.RemoteEndPoint is { Port: 22, Address: var address }
                            && address.ToString().StartsWith("127.1", StringComparison.Ordinal)
                    )
                )
                .Select(c => $"{c.LocalEndPoint} to {c.RemoteEndPoint}"),
        ];
}
