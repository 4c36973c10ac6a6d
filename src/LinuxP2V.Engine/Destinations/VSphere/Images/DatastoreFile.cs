namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>A file as the datastore's browser shows it.</summary>
/// <param name="Folder">On the datastore; empty for its top.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Modified">As the server writes it; empty where it does not.</param>
internal sealed record DatastoreFile(string Folder, string Name, long Length, string Modified);
