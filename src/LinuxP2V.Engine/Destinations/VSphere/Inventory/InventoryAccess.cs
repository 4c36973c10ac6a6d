using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>A server leaves out what an account may not read: what then has no name or no parent is a matter of rights.</summary>
internal static class InventoryAccess
{
    /// <param name="what">To stand after "read": the datacenter of esx01.</param>
    public static P2VException Missing(string what, string target) =>
        new(
            ErrorIds.ServerPermissionMissing,
            $"The account may not read {what}.",
            "Give it the role Read-only there, or LinuxP2V's role on the datacenter with propagation: "
                + "docs/vsphere.md says where each right counts.",
            target
        );
}
