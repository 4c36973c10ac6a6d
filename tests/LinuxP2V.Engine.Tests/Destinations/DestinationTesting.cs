using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Engine.Tests.Destinations;

internal static class DestinationTesting
{
    /// <summary>Where the helper image does not matter.</summary>
    public static Task<IReadOnlyList<Finding>> TestAsync(
        this IDestination destination,
        MachineSpecification machine,
        CancellationToken cancellationToken
    ) => destination.TestAsync(machine, null, cancellationToken);
}
