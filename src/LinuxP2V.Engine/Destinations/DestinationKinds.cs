namespace LinuxP2V.Engine.Destinations;

internal static class DestinationKinds
{
    public const string Local = "Local";

    public const string VSphere = "VSphere";

    public static bool IsLocal(DestinationReference destination) =>
        string.Equals(destination.Kind, Local, StringComparison.OrdinalIgnoreCase);
}
