using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>What is to be said of an ISO that an admin names.</summary>
internal static class NamedImageFindings
{
    /// <returns>[datastore] folder/file.</returns>
    public static string PathOf(NamedImage image, InventoryItem datastore) =>
        $"[{datastore.Name}] {(image.Folder.Length > 0 ? image.Folder + "/" : "")}{image.FileName}";

    /// <returns>Null where nothing speaks against it.</returns>
    public static Finding? Of(NamedImageState state, NamedImage image, InventoryItem datastore) =>
        state switch
        {
            NamedImageState.Absent => new Finding(
                FindingSeverity.Error,
                ErrorIds.HelperImageMissing,
                image.Wanted,
                $"There is no {PathOf(image, datastore)}, which -HelperImageItem names.",
                "Put linuxp2v-helper.iso of the module there, or leave -HelperImageItem out: then the image is sent."
            ),
            NamedImageState.Other => new Finding(
                FindingSeverity.Error,
                ErrorIds.HelperImageAltered,
                image.Wanted,
                $"{PathOf(image, datastore)} is not the helper image of this module.",
                "It may be of another version: put linuxp2v-helper.iso of this module in its place (Get-P2VHelperImage shows the file), "
                    + "or leave -HelperImageItem out."
            ),
            NamedImageState.SameLength => new Finding(
                FindingSeverity.Warning,
                ErrorIds.HelperImageUnread,
                image.Wanted,
                $"{PathOf(image, datastore)} could not be read, so its length alone was compared with this module's helper image.",
                "Ask for a role with Datastore.FileManagement on the datastore, should its content be compared."
            ),
            _ => null,
        };
}
