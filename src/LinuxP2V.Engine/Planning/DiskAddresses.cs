using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Spreads disks over controllers and units; the first is Bus 0, Unit 0.</summary>
internal static class DiskAddresses
{
    private const int MaximumControllers = 4;

    /// <summary>A SCSI controller's own address.</summary>
    private const int ReservedUnit = 7;

    /// <exception cref="P2VException">PlanNotPossible: more disks than the VM can carry.</exception>
    public static IReadOnlyList<DiskAddress> Assign(DiskController controller, int count, bool isLocal)
    {
        var units = Units(controller, isLocal);
        if (count > units.Count * MaximumControllers)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"The VM would have {count} disks; {MaximumControllers} controllers of kind {controller} carry "
                    + $"{units.Count * MaximumControllers}.",
                "Leave volumes out with -ExcludeVolume, or choose another controller with -DiskController."
            );
        }

        return
        [
            .. Enumerable.Range(0, count).Select(index => new DiskAddress(controller, index / units.Count, units[index % units.Count])),
        ];
    }

    private static List<int> Units(DiskController controller, bool isLocal)
    {
        var count = controller switch
        {
            // QEMU's LSI chips have 8 targets, its AHCI 6 ports.
            DiskController.LsiLogicSas or DiskController.LsiLogic => isLocal ? 7 : 16,
            DiskController.Ahci => isLocal ? 6 : 30,
            DiskController.Nvme => 15,
            _ => 16,
        };
        var isScsi = controller is not (DiskController.Ahci or DiskController.Nvme);
        return [.. Enumerable.Range(0, count).Where(unit => !isScsi || unit != ReservedUnit)];
    }
}
