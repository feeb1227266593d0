import type { InventoryFixture } from './inventory-fixture.ts';

/** A hospital: hardly a word of computing. */
export const hospital: InventoryFixture = {
  items: [
    ['MRI-1', 'MRI Scanner One', 'scanner', 'Radiology', 'north wing', { maker: 'Siemens' }],
    ['MRI-2', 'MRI Scanner Two', 'scanner', 'Radiology', 'south wing', { maker: 'Philips' }],
    ['CT-1', 'CT Scanner', 'scanner', 'Radiology', 'north wing', { maker: 'Siemens' }, 'maintenance'],
    ['ward-a', 'Ward A', 'ward', 'Nursing', 'north wing', { beds: 24 }],
    ['ward-b', 'Ward B', 'ward', 'Nursing', 'south wing', { beds: 30 }],
    ['icu', 'Intensive Care', 'ward', 'Nursing', 'north wing', { beds: 12 }],
    ['pacs', 'Picture Archive', 'information system', 'Hospital IT', 'north wing'],
    ['ehr', 'Health Record', 'information system', 'Hospital IT', 'north wing'],
    ['lab-analyser', 'Lab Analyser', 'analyser', 'Laboratory', 'south wing', { maker: 'Roche' }],
    ['fridge-7', 'Blood Fridge 7', 'fridge', 'Laboratory', 'south wing'],
    ['gen-1', 'Generator', 'power unit', 'Facilities', 'north wing'],
  ],
  relations: [
    ['MRI-1', 'sends_images_to', 'pacs'],
    ['MRI-2', 'sends_images_to', 'pacs'],
    ['CT-1', 'sends_images_to', 'pacs'],
    ['pacs', 'feeds', 'ehr'],
    ['lab-analyser', 'feeds', 'ehr'],
    ['ward-a', 'reads_from', 'ehr'],
    ['icu', 'reads_from', 'ehr'],
    ['MRI-1', 'powered_by', 'gen-1'],
    ['icu', 'powered_by', 'gen-1'],
    ['fridge-7', 'powered_by', 'gen-1'],
  ],
  metrics: [
    ['ward-a', 'bed_occupancy', '%', 80, 10],
    ['ward-b', 'bed_occupancy', '%', 60, 10],
    ['icu', 'bed_occupancy', '%', 90, 8],
    ['fridge-7', 'temperature', '°C', 4, 1, 3],
    ['MRI-1', 'temperature', '°C', 20, 2],
    ['MRI-1', 'scans_per_hour', 'scans/h', 3, 1],
    ['MRI-2', 'scans_per_hour', 'scans/h', 4, 1],
    ['pacs', 'storage_used', '%', 70, 1],
    ['ehr', 'response_time', 'ms', 150, 60],
  ],
  events: [
    ['MRI-1', 'calibration', 'info', 2000, 'Coil calibrated'],
    ['MRI-1', 'breakdown', 'critical', 1500, 'Helium pressure lost'],
    ['MRI-1', 'repair', 'info', 1200, 'Helium refilled'],
    ['pacs', 'software update', 'info', 600, 'Archive 9.2 installed'],
    ['pacs', 'breakdown', 'error', 540, 'Images cannot be stored'],
    ['fridge-7', 'alarm', 'warning', 30, 'Temperature above 6 degrees'],
  ],
};
