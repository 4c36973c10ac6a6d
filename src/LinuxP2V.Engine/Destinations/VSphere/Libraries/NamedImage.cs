using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Libraries;

/// <summary>A helper ISO that an admin put onto a datastore, or into a content library: it is used, and never written.</summary>
/// <param name="Wanted">As the admin names it.</param>
/// <param name="Datastore">Null: the datastore is known by its name alone.</param>
/// <param name="Folder">On the datastore, with slashes inside only; empty for its top.</param>
internal sealed record NamedImage(string Wanted, ManagedObject? Datastore, string? DatastoreName, string Folder, string FileName);
